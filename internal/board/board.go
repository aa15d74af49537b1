// Package board shows the wall without Grafana: one self-contained page with what breaches next and what is red,
// for teams that have no Grafana yet. It asks no upstream and loads nothing from anywhere.
package board

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/tickets"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// Source is one polled source, for the warning about those that cannot be read.
type Source struct {
	Name     string
	LastRead time.Time // zero: never
}

// Readings is what the page is made from.
type Readings interface {
	Accounts() []*whatsapp.Account
	Snapshots() []*tickets.Snapshot
	LastReads() []Source
}

// Options configure the page.
type Options struct {
	// StaleAfter is when a source that was not read makes the page say that it is blind.
	StaleAfter func() time.Duration
	Now        func() time.Time
	// Refresh is how often the page renews itself. Default 10 s.
	Refresh time.Duration
}

//go:embed board.html
var page string

var board = template.Must(template.New("board").Funcs(template.FuncMap{
	"words": func(s any) string { return words(fmt.Sprint(s)) },
	"clock": func(t time.Time) string { return t.UTC().Format("Mon 15:04 MST") },
	"iso":   func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
}).Parse(page))

// Handler serves the page.
func Handler(r Readings, o Options) http.Handler {
	if o.Refresh == 0 {
		o.Refresh = 10 * time.Second
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		v := newView(o.Now(), r.Accounts(), r.Snapshots(), r.LastReads(), o.StaleAfter())
		var b bytes.Buffer
		if err := board.Execute(&b, map[string]any{"V": v, "Refresh": int(o.Refresh.Seconds())}); err != nil {
			http.Error(w, "the board cannot be drawn: "+err.Error(), http.StatusInternalServerError)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		_, _ = w.Write(b.Bytes())
	})
}

func words(s string) string { return strings.ReplaceAll(s, "_", " ") }
