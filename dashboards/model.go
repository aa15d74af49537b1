package dashboards

// The classic JSON model of Grafana, as much of it as the boards use.

// schemaVersion is that of Grafana 12.0. A newer Grafana migrates it on load.
const schemaVersion = 41

// Dashboard is one Grafana dashboard in the classic JSON model.
type Dashboard struct {
	UID           string     `json:"uid"`
	Title         string     `json:"title"`
	Description   string     `json:"description"`
	Tags          []string   `json:"tags"`
	Editable      bool       `json:"editable"`
	GraphTooltip  int        `json:"graphTooltip"` // 1: one crosshair over all panels
	SchemaVersion int        `json:"schemaVersion"`
	Refresh       string     `json:"refresh"`
	Time          TimeRange  `json:"time"`
	Timezone      string     `json:"timezone"`
	Links         []Link     `json:"links"`
	Templating    Templating `json:"templating"`
	Panels        []Panel    `json:"panels"`
}

// TimeRange is what a dashboard shows when it is opened.
type TimeRange struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Link is a link in the head of a dashboard; this one lists the dashboards with a tag.
type Link struct {
	Type        string   `json:"type"`
	Title       string   `json:"title"`
	Tooltip     string   `json:"tooltip"`
	Icon        string   `json:"icon"`
	Tags        []string `json:"tags"`
	AsDropdown  bool     `json:"asDropdown"`
	IncludeVars bool     `json:"includeVars"`
	KeepTime    bool     `json:"keepTime"`
	TargetBlank bool     `json:"targetBlank"`
}

// Templating holds the variables of a dashboard.
type Templating struct {
	List []Variable `json:"list"`
}

// Variable is a choice in the head of a dashboard.
type Variable struct {
	Name        string      `json:"name"`
	Label       string      `json:"label"`
	Description string      `json:"description"`
	Type        string      `json:"type"`
	Datasource  *Datasource `json:"datasource,omitempty"`
	Definition  string      `json:"definition,omitempty"`
	Query       any         `json:"query"`
	IncludeAll  bool        `json:"includeAll"`
	AllValue    string      `json:"allValue,omitempty"`
	Multi       bool        `json:"multi"`
	Refresh     int         `json:"refresh"` // 2: whenever the time range changes
	Sort        int         `json:"sort"`
	Current     object      `json:"current,omitempty"`
}

// Datasource refers to a datasource.
type Datasource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

// Panel is one panel of a dashboard. A panel of type row is a heading.
type Panel struct {
	ID              int         `json:"id"`
	Type            string      `json:"type"`
	Title           string      `json:"title"`
	Description     string      `json:"description,omitempty"`
	GridPos         GridPos     `json:"gridPos"`
	Collapsed       *bool       `json:"collapsed,omitempty"`
	Panels          *[]Panel    `json:"panels,omitempty"`
	Datasource      *Datasource `json:"datasource,omitempty"`
	Targets         []Target    `json:"targets,omitempty"`
	FieldConfig     FieldConfig `json:"fieldConfig"`
	Options         object      `json:"options,omitempty"`
	Transformations []object    `json:"transformations,omitempty"`
}

// GridPos is where a panel is, in a grid 24 wide.
type GridPos struct {
	H int `json:"h"`
	W int `json:"w"`
	X int `json:"x"`
	Y int `json:"y"`
}

// Target is one query of a panel.
type Target struct {
	RefID        string      `json:"refId"`
	Datasource   *Datasource `json:"datasource"`
	EditorMode   string      `json:"editorMode"`
	Expr         string      `json:"expr"`
	Format       string      `json:"format"`
	Instant      bool        `json:"instant"`
	Range        bool        `json:"range"`
	LegendFormat string      `json:"legendFormat,omitempty"`
}

// FieldConfig says how values are shown.
type FieldConfig struct {
	Defaults  FieldDefaults `json:"defaults"`
	Overrides []Override    `json:"overrides"`
}

// FieldDefaults is how the values of all fields of a panel are shown.
type FieldDefaults struct {
	Unit       string      `json:"unit,omitempty"`
	Decimals   *int        `json:"decimals,omitempty"`
	Min        *float64    `json:"min,omitempty"`
	Max        *float64    `json:"max,omitempty"`
	NoValue    string      `json:"noValue,omitempty"`
	Color      object      `json:"color,omitempty"`
	Mappings   []object    `json:"mappings,omitempty"`
	Thresholds *Thresholds `json:"thresholds,omitempty"`
	Custom     object      `json:"custom,omitempty"`
}

// Thresholds colour a value.
type Thresholds struct {
	Mode  string `json:"mode"`
	Steps []Step `json:"steps"`
}

// Step is the colour from a value on; the first has none.
type Step struct {
	Color Colour   `json:"color"`
	Value *float64 `json:"value"`
}

// Override is how the values of some fields are shown differently.
type Override struct {
	Matcher    object   `json:"matcher"`
	Properties []object `json:"properties"`
}

// object is JSON without a type of its own.
type object = map[string]any
