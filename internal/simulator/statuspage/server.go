// Package statuspage is an honest fake of a status page hosted by Atlassian Statuspage, for the demo and the
// tests: its summary and its status. It asks for no credentials, as such pages do not.
package statuspage

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"whatsapp_sla_exporter/internal/simulator/fault"
)

// Server is the fake. Its methods may be called while it answers.
type Server struct {
	*fault.Injector
	handler http.Handler
	name    string
	now     func() time.Time

	mu         sync.Mutex
	components []*component
	indicator  string // as set; empty: what follows from the components
	updated    time.Time
}

type component struct {
	ID        string  `json:"id"`
	Name      string  `json:"name"`
	Status    string  `json:"status"`
	UpdatedAt string  `json:"updated_at"`
	Position  int     `json:"position"`
	Group     bool    `json:"group"`
	GroupID   *string `json:"group_id"`
	// Components are the ids of a group's.
	Components []string `json:"components,omitempty"`
}

// New returns the page of name, without components.
func New(name string, now func() time.Time) *Server {
	s := &Server{Injector: fault.New(now, fault.Bodies{}), name: name, now: now, updated: now()}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v2/summary.json", s.summary)
	mux.HandleFunc("GET /api/v2/status.json", s.status)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte("<!doctype html><title>Page not found</title>"))
	})
	s.handler = s.Wrap(mux)
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Set gives a component its status, in a group where group is not empty. New ones are added.
func (s *Server) Set(group, name, status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.updated = s.now()
	if group == "" {
		c := s.find(nil, name, false)
		c.Status, c.UpdatedAt = status, stamp(s.updated)
		return
	}
	g := s.find(nil, group, true)
	c := s.find(&g.ID, name, false)
	if !slices.Contains(g.Components, c.ID) {
		g.Components = append(g.Components, c.ID)
	}
	c.Status, c.UpdatedAt = status, stamp(s.updated)
	g.Status, g.UpdatedAt = s.worst(g.ID), stamp(s.updated)
}

// worst is the worst of what the components of a group say, which is what the group says.
func (s *Server) worst(group string) string {
	for _, w := range worst {
		if slices.ContainsFunc(s.components, func(c *component) bool {
			return c.GroupID != nil && *c.GroupID == group && c.Status == w.status
		}) {
			return w.status
		}
	}
	return "operational"
}

// SetIndicator gives the page a state of its own, in the place of what follows from its components.
func (s *Server) SetIndicator(indicator string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.indicator, s.updated = indicator, s.now()
}

// find is a component or group, made where it is not there.
func (s *Server) find(parent *string, name string, group bool) *component {
	for _, c := range s.components {
		if c.Name == name && c.Group == group && same(c.GroupID, parent) {
			return c
		}
	}
	n := len(s.components) + 1
	c := &component{
		ID: fmt.Sprintf("c%011d", n), Name: name, Status: "operational", UpdatedAt: stamp(s.updated), Position: n,
		Group: group, GroupID: parent,
	}
	s.components = append(s.components, c)
	return c
}

func same(a, b *string) bool { return a == b || a != nil && b != nil && *a == *b }

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// worst orders what components say by the indicator that it gives the page.
var worst = []struct{ status, indicator, description string }{
	{"major_outage", "critical", "Major System Outage"},
	{"partial_outage", "major", "Partial System Outage"},
	{"degraded_performance", "minor", "Partially Degraded Service"},
	{"under_maintenance", "maintenance", "Service Under Maintenance"},
}

type pageStatus struct {
	Indicator   string `json:"indicator"`
	Description string `json:"description"`
}

func (s *Server) overall() pageStatus {
	if s.indicator != "" {
		return pageStatus{s.indicator, "Set by hand"}
	}
	for _, w := range worst {
		for _, c := range s.components {
			if c.Status == w.status {
				return pageStatus{w.indicator, w.description}
			}
		}
	}
	return pageStatus{"none", "All Systems Operational"}
}

type page struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	URL       string `json:"url"`
	TimeZone  string `json:"time_zone"`
	UpdatedAt string `json:"updated_at"`
}

func (s *Server) page() page {
	return page{"p00000000001", s.name, "https://status.example", "Etc/UTC", stamp(s.updated)}
}

func (s *Server) summary(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	components := s.components
	if components == nil {
		components = []*component{}
	}
	write(w, map[string]any{
		"page": s.page(), "status": s.overall(), "components": components,
		"incidents": []any{}, "scheduled_maintenances": []any{},
	})
}

func (s *Server) status(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	write(w, map[string]any{"page": s.page(), "status": s.overall()})
}

func write(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(v) // a client that went away is its own affair
}
