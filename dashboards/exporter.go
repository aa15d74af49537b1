package dashboards

func exporter() *Dashboard {
	d := board("exporter", "WhatsApp SLA exporter", "What the exporter can read, what it costs in API calls, and whether its alerts arrive.", "now-6h", "30s")
	d.heading("Sources")
	d.line(8, sourceTimeline(), sourceAge())
	d.line(7, pollDuration(), sourceErrors())
	d.heading("APIs")
	d.line(7, quota(), requests(), versions())
	d.heading("Alerts pushed to Alertmanager")
	d.line(7,
		sidecar("Alerts sent", "Alerts that each Alertmanager took.", "sent"),
		sidecar("Alerts failed", "Alerts that could not be delivered. They are tried again while they last.", "failed"),
		graph("Alerts queued", "Alerts that wait for each Alertmanager, and all alerts that are active.", count,
			over("queued "+legend("instance alertmanager"), latest("whatsapp_sla_exporter_alerts_queue_length")),
			over("active "+legend("instance"), latest("whatsapp_sla_exporter_alerts_active"))).fromZero(),
	)
	d.heading("Configuration")
	d.line(6, reloads(), reloadAge(), builds())
	return d
}

func sourceAge() Panel {
	return graph("Age of what is shown", "Time since each source was last read whole. It falls back at every good poll.", seconds,
		over(legend("source"), since(by("max", []string{"source"}, "whatsapp_sla_exporter_source_last_success_timestamp_seconds")))).fromZero()
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
