package dashboards

const tag = "whatsapp-sla"

// board begins a dashboard; sections add panels below each other.
func board(name, title, description, from, refresh string) *Dashboard {
	return &Dashboard{
		UID: tag + "-" + name, Title: title, Description: description, Tags: []string{tag},
		GraphTooltip: 1, SchemaVersion: schemaVersion, Refresh: refresh,
		Time: TimeRange{From: from, To: "now"}, Timezone: "browser",
		Links: []Link{{
			Type: "dashboards", Title: "Boards", Tooltip: "The other boards, with the same choices", Icon: "external link",
			Tags: []string{tag}, IncludeVars: true, KeepTime: true,
		}},
		Templating: Templating{List: variables()},
	}
}

func variables() []Variable {
	return []Variable{
		{
			Name: "datasource", Label: "Datasource", Type: "datasource", Query: "prometheus", Refresh: 1,
			Description: "The Prometheus that scrapes the exporter.",
		},
		choice("account", "Account", "WhatsApp Business Account as configured.", "whatsapp_human_escalation_paths_accepted"),
		choice("helpdesk", "Helpdesk", "Configured ticket source.", "helpdesk_ticket_series_dropped"),
		choice("tenant", "Tenant", "Tenant, where the operator sets one. All includes tickets without.", "helpdesk_open_tickets"),
	}
}

// choice offers the values of a label that the metric has.
func choice(name, label, description, metric string) Variable {
	definition := "label_values(" + metric + ", " + name + ")"
	return Variable{
		Name: name, Label: label, Description: description, Type: "query", Datasource: prometheus, Definition: definition,
		Query:      object{"qryType": 1, "query": definition, "refId": "PrometheusVariableQueryEditor-VariableQuery"},
		IncludeAll: true, AllValue: ".*", Multi: true, Refresh: 2, Sort: 1,
		Current: object{"text": []string{"All"}, "value": []string{"$__all"}},
	}
}

// gridWidth is how wide Grafana's grid is.
const gridWidth = 24

// heading starts a section.
func (d *Dashboard) heading(title string) {
	open := false
	p := Panel{Type: "row", Title: title, Collapsed: &open, Panels: &[]Panel{}, FieldConfig: FieldConfig{Overrides: []Override{}}}
	p.GridPos.W = gridWidth
	d.line(1, p)
}

// line adds panels side by side, so high. A panel's width is what it says, or else its share of what is left.
func (d *Dashboard) line(height int, panels ...Panel) {
	x, y, free, unsized := 0, d.bottom(), gridWidth, 0
	for _, p := range panels {
		free -= p.GridPos.W
		if p.GridPos.W == 0 {
			unsized++
		}
	}
	for _, p := range panels {
		if p.GridPos.W == 0 {
			p.GridPos.W = free / unsized
			free -= p.GridPos.W
			unsized--
		}
		p.ID = len(d.Panels) + 1
		p.GridPos.H, p.GridPos.X, p.GridPos.Y = height, x, y
		x += p.GridPos.W
		d.Panels = append(d.Panels, p)
	}
}

func (d *Dashboard) bottom() int {
	if len(d.Panels) == 0 {
		return 0
	}
	last := d.Panels[len(d.Panels)-1].GridPos
	return last.Y + last.H
}

// wide sets a panel's width.
func (p Panel) wide(width int) Panel {
	p.GridPos.W = width
	return p
}
