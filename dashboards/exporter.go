package dashboards

func exporter() *Dashboard {
	d := board("exporter", "WhatsApp SLA exporter", "What the exporter can read, what it costs in API calls, and whether its alerts arrive.", "now-6h", "30s")
	d.heading("Sources")
	d.line(8, sourceTimeline(), sourceAge())
	d.line(7, pollDuration(), sourceErrors(), clocks(), firstReads())
	d.heading("APIs")
	d.line(7, quota(), requests(), versions())
	d.heading("Alerts pushed to Alertmanager")
	d.line(7,
		sidecar("Alerts sent", "Alerts that each Alertmanager took.", "sent"),
		sidecar("Alerts dropped", "Alerts that found the queue of an Alertmanager full. They come again with the next repetition, but late.", "dropped"),
		sidecar("Alerts failed", "Alerts that could not be delivered. They are tried again while they last.", "failed"),
		graph("Alerts queued", "Alerts that wait for each Alertmanager, and all alerts that are active.", count,
			over("queued "+legend("instance alertmanager"), latest("whatsapp_sla_exporter_alerts_queue_length")),
			over("active "+legend("instance"), latest("whatsapp_sla_exporter_alerts_active"))).fromZero(),
	)
	d.line(5, discovery())
	d.heading("Left out")
	d.line(7, uncountedWebhooks(), beyondCaps())
	d.line(7, pushes(), pushLookups())
	d.heading("Configuration")
	d.line(6, reloads(), reloadAge(), builds())
	return d
}

func sourceAge() Panel {
	p := graph("Age of what is shown", "Time since each source was last read whole. It falls back at every good poll. Dashed: how old it may become before its series go.", seconds,
		over(legend("source"), since(by("max", []string{"source"}, "whatsapp_sla_exporter_source_last_success_timestamp_seconds"))),
		over("stale "+legend("source"), latest("whatsapp_sla_exporter_source_stale_after_seconds")))
	return p.fromZero().dashed("stale ", Bad)
}

func clocks() Panel {
	return graph("Clocks", "How far each source's clock is ahead of ours. Deadlines begin at the source's times and are judged by our clock.", seconds,
		over(legend("source"), latest("whatsapp_sla_exporter_source_clock_skew_seconds")))
}

func firstReads() Panel {
	return stat("Read since the start", "Whether each source was read whole since the exporter started. A large helpdesk takes minutes; until then its tickets are in no metric.", none,
		now(legend("source"), latest("whatsapp_sla_exporter_source_initial_read_complete"))).shown(yesNo).steps(Waiting, at(1, Good))
}

func pollDuration() Panel {
	return graph("Poll duration", "How long the last poll of each source took.", seconds,
		over(legend("source"), latest("whatsapp_sla_exporter_source_poll_duration_seconds"))).fromZero()
}

func sourceErrors() Panel {
	return graph("Poll errors", "Failed polls by source and reason.", perSecond,
		over(legend("source reason"), sum("source reason", rate("whatsapp_sla_exporter_source_errors_total"))+" > 0")).fromZero()
}

func quota() Panel {
	return bars("Quota used", "What part of its allowance each API says is used. Polling slows down before it is exhausted.", ratio,
		now(legend("source quota"), latest("whatsapp_sla_exporter_api_quota_used_ratio"))).used()
}

// requests are added up over replicas: each of them costs quota.
func requests() Panel {
	return graph("API requests", "Requests to each source by HTTP status, of all replicas together.", perSecond,
		over(legend("source code"), sum("source code", "rate("+series("whatsapp_sla_exporter_api_requests_total")+"[$__rate_interval])"))).fromZero()
}

func versions() Panel {
	return table("API versions", "The API version that is asked for and the one that answers. They differ once the provider has retired the first.", none,
		rows(latest("whatsapp_sla_exporter_api_version_info"))).columns(column{}).order("source", "requested", "served")
}

func sidecar(title, description, what string) Panel {
	return graph(title, description, perSecond,
		over(legend("instance alertmanager"), rate("whatsapp_sla_exporter_alerts_"+what+"_total"))).fromZero()
}

func discovery() Panel {
	return table("Alertmanagers found", "How many Alertmanagers each mechanism of discovery finds, and how often it failed in the time range.", count,
		rows(latest("whatsapp_sla_exporter_alertmanagers_discovered")),
		rows(growth("whatsapp_sla_exporter_alertmanager_discovery_failures_total"))).
		columns(column{name: "Found", unit: count, colour: steps(Broken, at(1, Good))}, column{name: "Failures", unit: count}).
		order("instance", "mechanism")
}

func uncountedWebhooks() Panel {
	return graph("Webhook oddities", "Retries of webhooks that were taken already, events of accounts that are not configured, and service windows that there was no room for.", perSecond,
		over("retries "+legend("field"), rate("whatsapp_webhook_duplicates_total")),
		over("accounts that are not configured", rate("whatsapp_webhook_unknown_accounts_total")),
		over("windows "+legend("account"), sum("account", rate("whatsapp_service_windows_uncounted_total")))).fromZero()
}

func pushes() Panel {
	return graph("Helpdesk webhooks", "Webhooks of helpdesks by what became of them.", perSecond,
		over(legend("source result"), sum("source result", rate("whatsapp_sla_exporter_push_requests_total")))).fromZero()
}

func pushLookups() Panel {
	return graph("Look-ups by webhook", "Look-ups of tickets that webhooks named, those that failed, and webhooks that there was no room for.", perSecond,
		over("done "+legend("source"), sum("source", rate("whatsapp_sla_exporter_push_lookups_total"))),
		over("failed "+legend("source reason"), sum("source reason", rate("whatsapp_sla_exporter_push_lookup_errors_total"))+" > 0"),
		over("no room "+legend("source"), sum("source", rate("whatsapp_sla_exporter_push_overflows_total")))).fromZero()
}

func beyondCaps() Panel {
	return bars("Beyond the caps", "What has no series of its own, because there is more of it than the exporter shows. Those shown are the worst.", count,
		now("templates of "+legend("account waba_id"), latest("whatsapp_template_series_dropped")),
		now("services of "+legend("page"), latest("whatsapp_platform_services_dropped"))).steps(Waiting)
}

func reloads() Panel {
	return stat("Last reload", "Whether the configuration file was accepted when it was last read. If not, the one before it is in force.", none,
		now(legend("instance"), latest("whatsapp_sla_exporter_config_last_reload_successful"))).shown(yesNo).steps(Broken, at(1, Good))
}

func reloadAge() Panel {
	return stat("Configuration in force for", "Time since a configuration was last put in force.", duration,
		now(legend("instance"), since(latest("whatsapp_sla_exporter_config_last_reload_success_timestamp_seconds")))).steps(Waiting)
}

func builds() Panel {
	return table("Versions", "The version that each instance of the exporter runs.", none,
		rows(latest("whatsapp_sla_exporter_build_info"))).columns(column{}).order("instance", "version", "revision", "goversion")
}
