// Package dashboards holds the Grafana boards and the generator that writes them.
//
// The boards are Go values, because six boards of panels that must look, filter and aggregate alike are easier
// to keep so in functions than in JSON. All returns them; go generate writes each to its JSON file, and a test
// proves that the files are what All gives.
//
// Rules that hold on every board: a panel has a unit, a description and the datasource of the variable; a state
// has the colour that palette.go gives it; a metric is aggregated over what a scrape adds (instance, job), so
// that replicas are not counted twice; how near a deadline is, is judged by the warning and critical instants
// and leads that the exporter derives from the policies, never by a number written here.
package dashboards

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:generate go run ./generate

// Files holds the boards as JSON and, under provisioning, the files by which Grafana finds them and a datasource.
//
//go:embed *.json provisioning
var Files embed.FS

// All returns the boards.
func All() []*Dashboard {
	return []*Dashboard{overview(), wall(), slaDesk(), channel(), accounts(), exporter()}
}

// File is the name of the file that holds the dashboard.
func (d *Dashboard) File() string {
	return strings.ReplaceAll(strings.TrimPrefix(d.UID, tag+"-"), "-", "_") + ".json"
}

// JSON is the dashboard as its file has it.
func (d *Dashboard) JSON() ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(d); err != nil {
		return nil, fmt.Errorf("encode dashboard %s: %w", d.UID, err)
	}
	return b.Bytes(), nil
}

// Query is one query of a panel, for tests.
type Query struct {
	Dashboard string // its UID
	Panel     string // its title
	RefID     string
	Expr      string // with the variables of Grafana
}

// Queries returns the queries of all panels.
func Queries() []Query {
	var all []Query
	for _, d := range All() {
		for _, p := range d.Panels {
			for _, t := range p.Targets {
				all = append(all, Query{Dashboard: d.UID, Panel: p.Title, RefID: t.RefID, Expr: t.Expr})
			}
		}
	}
	return all
}

// PromQL is the query as Grafana sends it to Prometheus when All is chosen everywhere, the board shows an hour
// and the scrape interval is a minute or less.
func (q Query) PromQL() string {
	return strings.NewReplacer("$account", ".*", "$helpdesk", ".*", "$tenant", ".*", "$__rate_interval", "4m", "$__range", "1h").Replace(q.Expr)
}
