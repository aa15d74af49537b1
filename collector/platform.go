package collector

import "whatsapp_sla_exporter/internal/platform"

var (
	platformTable table

	platformState = enum(&platformTable, "whatsapp_platform_status",
		"State of a service on a public status page: 1 for the present one.",
		"", "state", platform.States, "page", "service")
	platformDropped = platformTable.gauge("whatsapp_platform_services_dropped",
		"Services of the page beyond those that have series. Those shown are the worst.",
		"", "page")
)

var platformStatus = subject[*channels]{&platformTable, buildPlatform}

func buildPlatform(b *builder, c *channels) {
	for _, p := range c.pages {
		page := pair("page", p.Name)
		for _, s := range p.Services {
			enumOf(b, platformState, s.State, page, pair("service", s.Name))
		}
		b.gauge(platformDropped, float64(p.Dropped), page)
	}
}
