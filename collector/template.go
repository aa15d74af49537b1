package collector

import "whatsapp_sla_exporter/internal/whatsapp"

var (
	templateTable table

	templateCount = templateTable.gauge("whatsapp_templates",
		"Message templates by status, category and quality.",
		"templates are not read", "account", "waba_id", "status", "category", "quality")
	templateUnhealthy = templateTable.gauge("whatsapp_template_unhealthy",
		"Message template that is not approved, or rated red or yellow; always 1. At most as many as the cap allows.",
		"the template is healthy, or beyond the cap", "account", "waba_id", "template", "language", "status", "quality")
	templateDropped = templateTable.gauge("whatsapp_template_series_dropped",
		"Unhealthy message templates beyond the cap, which have no series of their own.",
		"templates are not read", "account", "waba_id")
)

var templates = subject[*whatsapp.Account]{&templateTable, buildTemplates}

func buildTemplates(b *builder, a *whatsapp.Account) {
	account := pair("account", a.Name)
	for i := range a.WABAs {
		t, waba := a.WABAs[i].Templates, pair("waba_id", a.WABAs[i].ID)
		if t == nil {
			continue
		}
		for _, c := range t.Counts {
			b.gauge(templateCount, float64(c.Count), account, pair("category", string(c.Category)),
				pair("quality", string(c.Quality)), pair("status", string(c.Status)), waba)
		}
		for _, u := range t.Unhealthy {
			b.gauge(templateUnhealthy, 1, account, pair("language", u.Language), pair("quality", string(u.Quality)),
				pair("status", string(u.Status)), pair("template", u.Name), waba)
		}
		b.gauge(templateDropped, float64(t.UnhealthyDropped), account, waba)
	}
}
