// Package board shows the wall without Grafana: one self-contained page with what breaches next and what is red,
// for teams that have no Grafana yet. It asks no upstream and loads nothing from anywhere.
package board

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/diagnosis"
	"whatsapp_sla_exporter/internal/platform"
	"whatsapp_sla_exporter/internal/qr"
	"whatsapp_sla_exporter/internal/tickets"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// Source is one polled source, for the warning about those that cannot be read.
type Source struct {
	Name     string
	LastRead time.Time // zero: never
}

// Readings is what the page is made from: everything as it was last read.
type Readings interface {
	Accounts() []*whatsapp.Account
	Pages() []*platform.Page
	Sessions() []*qr.Session
	Snapshots() []*tickets.Snapshot
	LastReads() []Source
	// Notices are what webhooks told up to the given instant.
	Notices(now time.Time) *whatsapp.Notices
	// Diagnoses are made anew at the given instant, because a source that is not read any more changes them.
	Diagnoses(now time.Time) []diagnosis.Diagnosis
}

// Options configure the page.
type Options struct {
	// StaleAfter is when a source that was not read makes the page say that it is blind.
	StaleAfter func() time.Duration
	Now        func() time.Time
	// Refresh is how often the page renews itself, in whole seconds. Default 10 s.
	Refresh time.Duration
}

var (
	//go:embed board.html
	page string
	//go:embed board.css
	style string
	//go:embed board.js
	script string
)

var board = template.Must(template.New("board").Funcs(template.FuncMap{
	"words": func(s any) string { return words(fmt.Sprint(s)) },
	"clock": func(t time.Time) string { return t.UTC().Format("Mon 15:04") }, // the head of the page tells the zone
	"iso":   func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
}).Parse(page))

// policy lets the page run its own script and style and nothing else, so that a text of an upstream that slipped
// through as markup would still do nothing. The empty icon keeps browsers from asking for one.
var policy = fmt.Sprintf("default-src 'none'; script-src '%s'; style-src '%s'; connect-src 'self'; img-src data:; "+
	"base-uri 'none'; form-action 'none'", digest(script), digest(style))

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// drawing is what the template is executed with.
type drawing struct {
	*view
	Refresh int // seconds
	Style   template.CSS
	Script  template.JS
}

// Handler serves the page.
func Handler(r Readings, o Options) http.Handler {
	refresh := int(o.Refresh.Seconds())
	if refresh == 0 {
		refresh = 10
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		d := drawing{newView(o.Now(), r, o.StaleAfter()), refresh, template.CSS(style), template.JS(script)}
		var b bytes.Buffer
		if err := board.Execute(&b, d); err != nil {
			http.Error(w, "the board cannot be drawn: "+err.Error(), http.StatusInternalServerError)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		_, _ = w.Write(b.Bytes())
	})
}

func words(s string) string { return strings.ReplaceAll(s, "_", " ") }
