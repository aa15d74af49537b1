// Package evolution is an honest fake of the instance API of Evolution API 2.3, for the demo and the tests: the
// live state of a connection, and the record of an instance, which says other things at other times.
package evolution

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"whatsapp_sla_exporter/internal/simulator/fault"
)

// Server is the fake. Its methods may be called while it answers.
type Server struct {
	*fault.Injector
	handler http.Handler
	key     string
	now     func() time.Time

	mu        sync.Mutex
	instances []*instance
}

// instance is the record of an instance, and its live state.
type instance struct {
	ID             string  `json:"id"`
	Name           string  `json:"name"`
	Status         string  `json:"connectionStatus"`
	Owner          *string `json:"ownerJid"`
	ProfileName    *string `json:"profileName"`
	Integration    string  `json:"integration"`
	Number         *string `json:"number"`
	Token          string  `json:"token"`
	ReasonCode     *int    `json:"disconnectionReasonCode"`
	DisconnectedAt *string `json:"disconnectionAt"`

	live string // empty: not in memory
}

// New returns a gateway without instances whose global key is key.
func New(key string, now func() time.Time) *Server {
	s := &Server{
		Injector: fault.New(now, fault.Bodies{Unauthorized: []byte(`{"status":401,"error":"Unauthorized","response":{"message":"Unauthorized"}}`)}),
		key:      key, now: now,
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /instance/connectionState/{name}", s.connectionState)
	mux.HandleFunc("GET /instance/fetchInstances", s.fetchInstances)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusNotFound, "Not Found", []string{"Cannot " + r.Method + " " + r.URL.RequestURI()})
	})
	s.handler = s.Wrap(mux)
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Create adds an instance that nobody has linked, with a token of its own that is a key for it alone.
func (s *Server) Create(name, token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.instances = append(s.instances, &instance{
		ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", len(s.instances)+1), Name: name, Token: token, Status: "close",
		Integration: "WHATSAPP-BAILEYS", live: "close",
	})
}

// Open links and connects an instance.
func (s *Server) Open(name, number, profile string) {
	s.change(name, func(i *instance) {
		jid := number + "@s.whatsapp.net"
		i.live, i.Status, i.Owner, i.ProfileName = "open", "open", &jid, &profile
	})
}

// ShowQR makes an instance show a QR code.
func (s *Server) ShowQR(name string) {
	s.change(name, func(i *instance) { i.live, i.Status = "connecting", "connecting" })
}

// GiveUpQR is what follows when nobody scans it.
func (s *Server) GiveUpQR(name string) { s.change(name, func(i *instance) { i.live = "close" }) }

// Reconnect breaks the connection of an instance, which makes it anew without anybody's help.
func (s *Server) Reconnect(name string) { s.change(name, func(i *instance) { i.live = "connecting" }) }

// Close ends a connection for a reason after which the gateway does not reconnect: 401, 402, 403 or 406.
func (s *Server) Close(name string, reason int) {
	at := s.now().UTC().Format("2006-01-02T15:04:05.000Z")
	s.change(name, func(i *instance) {
		i.live, i.Status, i.ReasonCode, i.DisconnectedAt = "close", "close", &reason, &at
	})
}

// SetLive makes the gateway say word of the connection; empty: the instance is not loaded, and it says nothing.
func (s *Server) SetLive(name, word string) { s.change(name, func(i *instance) { i.live = word }) }

func (s *Server) change(name string, f func(*instance)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.find(name); i != nil {
		f(i)
	}
}

func (s *Server) find(name string) *instance {
	if n := slices.IndexFunc(s.instances, func(i *instance) bool { return i.Name == name }); n >= 0 {
		return s.instances[n]
	}
	return nil
}

func (s *Server) connectionState(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, key := r.PathValue("name"), r.Header.Get("apikey")
	i := s.find(name)
	switch {
	case i == nil: // the gateway looks for the instance before it looks at the key
		refuse(w, http.StatusNotFound, "Not Found", []string{`The "` + name + `" instance does not exist`})
		return
	case key == "" || key != s.key && key != i.Token:
		refuse(w, http.StatusUnauthorized, "Unauthorized", "Unauthorized")
		return
	}
	out := map[string]string{"instanceName": name}
	if i.live != "" {
		out["state"] = i.live
	}
	write(w, http.StatusOK, map[string]any{"instance": out})
}

// fetchInstances answers with all instances, or with those of a name, an id or a number, which must be in memory. An
// instance's own key is a key for that one only.
func (s *Server) fetchInstances(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, key := r.URL.Query(), r.Header.Get("apikey")
	asked := cmp.Or(q.Get("instanceId"), q.Get("number"), q.Get("instanceName"))
	out := slices.DeleteFunc(append([]*instance{}, s.instances...), func(i *instance) bool { return !i.is(q) || key != s.key && key != i.Token })
	switch {
	case key == "" || key != s.key && len(out) == 0:
		refuse(w, http.StatusUnauthorized, "Unauthorized", "Unauthorized")
		return
	case key != s.key:
		asked = out[0].Name
	}
	if asked != "" && !slices.ContainsFunc(out, func(i *instance) bool { return i.live != "" }) {
		refuse(w, http.StatusNotFound, "Not Found", []string{`Instance "` + asked + `" not found`})
		return
	}
	write(w, http.StatusOK, out)
}

// is tells whether an instance is asked for.
func (i *instance) is(q url.Values) bool {
	number := ""
	if i.Number != nil {
		number = *i.Number
	}
	for parameter, v := range map[string]string{"instanceName": i.Name, "instanceId": i.ID, "number": number} {
		if want := q.Get(parameter); want != "" && want != v {
			return false
		}
	}
	return true
}

func refuse(w http.ResponseWriter, status int, kind string, message any) {
	write(w, status, map[string]any{"status": status, "error": kind, "response": map[string]any{"message": message}})
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that went away is its own affair
}
