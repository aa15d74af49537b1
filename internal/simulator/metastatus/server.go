// Package metastatus is an honest fake of the JSON behind metastatus.com, for the demo and the tests: the list of
// products with the state of their services. It asks for no credentials, as the page does not.
package metastatus

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"whatsapp_sla_exporter/internal/simulator/fault"
)

// WhatsApp is the id of WhatsApp's business platform on the page.
const WhatsApp = "whatsapp-business-api"

// Good is what the page says of a service without trouble.
const Good = "No known issues"

// Server is the fake. Its methods may be called while it answers.
type Server struct {
	*fault.Injector
	handler http.Handler
	now     func() time.Time

	mu            sync.Mutex
	organisations []*organisation // never nil: a page without products is an empty list
}

type organisation struct {
	ID       string     `json:"id"`
	Name     string     `json:"name"`
	RSS      []string   `json:"rss_file_paths"`
	Services []*service `json:"services"`
}

type service struct {
	ID     int    `json:"id"`
	Name   string `json:"name"`
	Status string `json:"status"`
	Time   string `json:"time"`
}

// New returns a page on which all is well: the services of WhatsApp's business platform, and another product.
func New(now func() time.Time) *Server {
	s := &Server{Injector: fault.New(now, fault.Bodies{}), now: now, organisations: []*organisation{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /data/orgs.json", s.list)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte("<!doctype html><title>Meta Status</title>"))
	})
	s.handler = s.Wrap(mux)
	s.Set("graph-api", "Graph API", Good)
	for _, name := range []string{"Cloud API", "Cloud API Calling", "Embedded Signup", "Flows", "Marketing Messages API", "WhatsApp Business Account Management"} {
		s.Set(WhatsApp, name, Good)
	}
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Set makes the page say phrase of a service of a product, both new or known.
func (s *Server) Set(product, name, phrase string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.product(product)
	at := s.now().UTC().Format(time.RFC3339)
	for _, v := range o.Services {
		if v.Name == name {
			v.Status, v.Time = phrase, at
			return
		}
	}
	o.Services = append(o.Services, &service{ID: len(o.Services) + 1, Name: name, Status: phrase, Time: at})
}

// Remove takes a product off the page.
func (s *Server) Remove(product string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, o := range s.organisations {
		if o.ID == product {
			s.organisations = append(s.organisations[:i], s.organisations[i+1:]...)
			return
		}
	}
}

func (s *Server) product(id string) *organisation {
	for _, o := range s.organisations {
		if o.ID == id {
			return o
		}
	}
	o := &organisation{ID: id, Name: id, RSS: []string{"outage-events-feed-" + id + ".rss"}}
	if id == WhatsApp {
		o.Name = "WhatsApp Business Platform"
	}
	s.organisations = append(s.organisations, o)
	return o
}

func (s *Server) list(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(s.organisations) // a client that went away is its own affair
}
