package dashboards

import "strings"

// The units that the boards use, by Grafana's names.
const (
	count     = "short"
	ratio     = "percentunit"
	duration  = "dtdurations" // spelt out; negative is "ago"
	seconds   = "s"
	perSecond = "cps"
	none      = "none" // a state or a name
)

var prometheus = &Datasource{Type: "prometheus", UID: "${datasource}"}

// over is a query over the range of the board, now one at its end, rows one at its end as a table.
func over(legend, expr string) Target {
	return Target{Expr: expr, LegendFormat: legend, Range: true, Format: "time_series"}
}

func now(legend, expr string) Target {
	return Target{Expr: expr, LegendFormat: legend, Instant: true, Format: "time_series"}
}

func rows(expr string) Target { return Target{Expr: expr, Instant: true, Format: "table"} }

func panel(kind, title, description, unit string, targets []Target) Panel {
	p := Panel{
		Type: kind, Title: title, Description: description, Datasource: prometheus, Targets: targets,
		FieldConfig: FieldConfig{Defaults: FieldDefaults{Unit: unit}, Overrides: []Override{}},
	}
	for i := range p.Targets {
		t := &p.Targets[i]
		t.Datasource, t.EditorMode, t.RefID = prometheus, "code", string(rune('A'+i))
	}
	return p.steps(Dim)
}

// stat is one value, or one a series, in big letters on its colour.
func stat(title, description, unit string, targets ...Target) Panel {
	p := panel("stat", title, description, unit, targets)
	p.Options = object{
		"colorMode": "background", "graphMode": "none", "justifyMode": "center", "orientation": "auto", "textMode": "auto",
		"reduceOptions": object{"calcs": []string{"lastNotNull"}, "fields": "", "values": false},
		"wideLayout":    true, "showPercentChange": false,
	}
	return p
}

// graph is lines over time.
func graph(title, description, unit string, targets ...Target) Panel {
	p := panel("timeseries", title, description, unit, targets)
	p.FieldConfig.Defaults.Color = object{"mode": "palette-classic"}
	p.FieldConfig.Defaults.Custom = object{
		"drawStyle": "line", "lineWidth": 2, "fillOpacity": 5, "showPoints": "never", "spanNulls": false,
		"stacking": object{"mode": "none", "group": "A"}, "thresholdsStyle": object{"mode": "off"},
	}
	p.Options = object{
		"legend":  object{"displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": []string{}},
		"tooltip": object{"mode": "multi", "sort": "desc", "hideZeros": true},
	}
	return p
}

// timeline is the states of subjects over time. Its query gives the places of the states in the enum.
func timeline(title, description string, states enum, targets ...Target) Panel {
	p := panel("state-timeline", title, description, none, targets)
	p.FieldConfig.Defaults.Mappings = states.mappings()
	p.FieldConfig.Defaults.Custom = object{"fillOpacity": 80, "lineWidth": 0}
	p.Options = object{
		"mergeValues": true, "showValue": "auto", "alignValue": "left", "rowHeight": 0.9, "perPage": 20,
		"legend":  object{"displayMode": "list", "placement": "bottom", "showLegend": false},
		"tooltip": object{"mode": "single", "sort": "none"},
	}
	return p
}

// bars is one bar a series.
func bars(title, description, unit string, targets ...Target) Panel {
	p := panel("bargauge", title, description, unit, targets)
	p.Options = object{
		"displayMode": "basic", "orientation": "horizontal", "valueMode": "color", "showUnfilled": true, "minVizHeight": 16,
		"namePlacement": "auto", "sizing": "auto",
		"reduceOptions": object{"calcs": []string{"lastNotNull"}, "fields": "", "values": false},
	}
	return p.fromZero()
}

// table is rows of labels and values. The values of queries become columns: see columns.
func table(title, description, unit string, targets ...Target) Panel {
	p := panel("table", title, description, unit, targets)
	p.FieldConfig.Defaults.Custom = object{"align": "auto", "filterable": true, "cellOptions": object{"type": "auto"}, "inspect": false}
	p.Options = object{"showHeader": true, "cellHeight": "sm", "footer": object{"show": false, "reducer": []string{"sum"}, "countRows": false, "fields": ""}}
	hidden := object{"Time": true}
	p.Transformations = []object{{"id": "organize", "options": object{
		"excludeByName": hidden, "renameByName": object{}, "indexByName": object{},
	}}}
	if len(targets) > 1 {
		p.Transformations = append([]object{{"id": "merge", "options": object{}}}, p.Transformations...)
	}
	return p
}

var colouredCell = property("custom.cellOptions", object{"type": "color-background", "mode": "basic"})

// column is the values of one query of a table.
type column struct {
	name   string
	unit   string
	states enum // where the values are places in an enum
	colour []Step
}

// columns names the values of a table's queries in order and says how they are shown. A column without a name
// is dropped: the query is there for its labels.
func (p Panel) columns(columns ...column) Panel {
	organize := p.Transformations[len(p.Transformations)-1]["options"].(object)
	for i, c := range columns {
		field := "Value"
		if len(p.Targets) > 1 {
			field += " #" + p.Targets[i].RefID
		}
		if c.name == "" {
			organize["excludeByName"].(object)[field] = true
			continue
		}
		organize["renameByName"].(object)[field] = c.name
		p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, c.override())
	}
	return p
}

func (c column) override() Override {
	o := override("byName", c.name, property("unit", c.unit))
	switch {
	case c.states != nil:
		o.Properties = append(o.Properties, property("mappings", c.states.mappings()), colouredCell)
	case c.colour != nil:
		o.Properties = append(o.Properties, property("thresholds", Thresholds{Mode: "absolute", Steps: c.colour}),
			property("color", object{"mode": "thresholds"}), colouredCell)
	}
	return o
}

// text colours a column of a label of state.
func (p Panel) text(label string, states enum) Panel {
	p.FieldConfig.Overrides = append(p.FieldConfig.Overrides,
		override("byName", label, property("mappings", states.texts()), colouredCell))
	return p
}

// order puts columns first, in this order.
func (p Panel) order(names ...string) Panel {
	index := p.Transformations[len(p.Transformations)-1]["options"].(object)["indexByName"].(object)
	for i, name := range names {
		index[name] = i
	}
	return p
}

// sorted sorts a table by a column.
func (p Panel) sorted(column string, descending bool) Panel {
	p.Options["sortBy"] = []object{{"displayName": column, "desc": descending}}
	return p
}

// links makes a column a link to the address in the hidden column url.
func (p Panel) links(column string) Panel {
	link := object{"title": "Open the ticket", "url": "${__data.fields.url}", "targetBlank": true}
	p.FieldConfig.Overrides = append(p.FieldConfig.Overrides,
		override("byName", column, property("links", []object{link})),
		// Grafana before 12.2 reads the first, later ones the second.
		override("byName", "url", property("custom.hidden", true), property("custom.hideFrom", object{"viz": true, "tooltip": true, "legend": true})))
	return p
}

// steps colours values: from the first colour on, then pairs of a bound and a colour.
func (p Panel) steps(first Colour, rest ...Step) Panel {
	p.FieldConfig.Defaults.Thresholds = &Thresholds{Mode: "absolute", Steps: steps(first, rest...)}
	p.FieldConfig.Defaults.Color = object{"mode": "thresholds"}
	return p
}

func steps(first Colour, rest ...Step) []Step { return append([]Step{{Color: first}}, rest...) }

// at is the colour from a value on.
func at(value float64, c Colour) Step { return Step{Color: c, Value: &value} }

// some colours a count that should be 0: green at 0, else the given colour.
func (p Panel) some(c Colour) Panel { return p.steps(Good, at(1, c)) }

// used colours what part of an allowance is used.
func (p Panel) used() Panel {
	return p.fromZero().upTo(1).steps(Good, at(usedWarn, Warn), at(usedBad, Broken))
}

// fromZero begins a scale at 0, upTo ends it.
func (p Panel) fromZero() Panel {
	p.FieldConfig.Defaults.Min = new(float64)
	return p
}

func (p Panel) upTo(v float64) Panel {
	p.FieldConfig.Defaults.Max = &v
	return p
}

// by colours series that are named after the enum's values, and stacks them.
func (p Panel) by(states enum) Panel {
	p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, states.overrides()...)
	p.FieldConfig.Defaults.Custom["stacking"] = object{"mode": "normal", "group": "A"}
	p.FieldConfig.Defaults.Custom["fillOpacity"] = 60
	p.FieldConfig.Defaults.Custom["lineWidth"] = 0
	return p
}

// shown shows the values of a stat as the enum's.
func (p Panel) shown(states enum) Panel {
	p.FieldConfig.Defaults.Mappings = states.mappings()
	return p
}

// dashed draws series whose name begins so as thin dashes: bounds, not measurements.
func (p Panel) dashed(prefix string, c Colour) Panel {
	o := fixed("byRegexp", "^"+prefix+".*", c)
	o.Properties = append(o.Properties, property("custom.lineStyle", object{"fill": "dash", "dash": []int{8, 8}}),
		property("custom.lineWidth", 1), property("custom.fillOpacity", 0))
	p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, o)
	return p
}

// coloured gives the series of the panel's queries a colour each, in order.
func (p Panel) coloured(colours ...Colour) Panel {
	for i, c := range colours {
		p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, fixed("byFrameRefID", p.Targets[i].RefID, c))
	}
	return p
}

// named shows the names of a stat's series, not their values; big sets the size of both, in pixels.
func (p Panel) named() Panel {
	p.Options["textMode"] = "name"
	return p
}

func (p Panel) big(name, value int) Panel {
	p.Options["text"] = object{"titleSize": name, "valueSize": value}
	return p
}

// empty is what a panel shows where there is nothing to show.
func (p Panel) empty(text string) Panel {
	p.FieldConfig.Defaults.NoValue = text
	return p
}

// legend is a series' name made of labels.
func legend(labels string) string {
	return "{{" + strings.Join(strings.Fields(labels), "}} {{") + "}}"
}
