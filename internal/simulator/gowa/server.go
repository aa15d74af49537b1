// Package gowa is an honest fake of the device API of go-whatsapp-web-multidevice 9, for the demo and the tests.
package gowa

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"whatsapp_sla_exporter/internal/simulator/fault"
)

// Device is one device of the gateway.
type Device struct {
	ID string
	// Number and DisplayName are of the account that is linked; no number: none is.
	Number, DisplayName string
	Connected, LoggedIn bool
}

// Server is the fake. Its methods may be called while it answers.
type Server struct {
	*fault.Injector
	handler        http.Handler
	user, password string
	created        time.Time

	mu      sync.Mutex
	devices []*Device
}

// New returns a gateway without devices that wants basic auth.
func New(user, password string, now func() time.Time) *Server {
	s := &Server{Injector: fault.New(now, fault.Bodies{}), user: user, password: password, created: now()}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /devices", s.list)
	mux.HandleFunc("GET /devices/{id}", s.device("Device info", s.info))
	mux.HandleFunc("GET /devices/{id}/status", s.device("Device status", s.status))
	mux.HandleFunc("GET /app/status", s.scoped(s.appStatus))
	mux.HandleFunc("/", s.scoped(func(w http.ResponseWriter, r *http.Request, _ *Device) {
		http.Error(w, "Cannot "+r.Method+" "+r.URL.Path, http.StatusNotFound)
	}))
	root := http.NewServeMux()
	root.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("OK")) })
	root.Handle("/", s.authenticated(mux))
	s.handler = s.Wrap(root)
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Set adds a device, or replaces the one of its id.
func (s *Server) Set(d Device) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := slices.IndexFunc(s.devices, func(v *Device) bool { return v.ID == d.ID }); n >= 0 {
		s.devices[n] = &d
		return
	}
	s.devices = append(s.devices, &d)
}

func (s *Server) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, ok := r.BasicAuth(); !ok || user != s.user || password != s.password {
			w.Header().Set("WWW-Authenticate", `Basic realm="Restricted", charset="UTF-8"`)
			http.Error(w, "Unauthorized", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) list(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []any{}
	for _, d := range s.devices {
		out = append(out, s.info(d))
	}
	write(w, http.StatusOK, "SUCCESS", "List devices", out)
}

// device is an endpoint about one device by its id. The gateway answers an id that it does not know with 500.
func (s *Server) device(message string, f func(*Device) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		id := r.PathValue("id")
		for _, d := range s.devices {
			if d.ID == id {
				write(w, http.StatusOK, "SUCCESS", message, f(d))
				return
			}
		}
		write(w, http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", "device "+id+" not found", nil)
	}
}

// scoped is an endpoint about the device of the header X-Device-Id, which is decoded as a query value, or of the
// parameter device_id, or the only one. Every path but those under /devices is one, those that are not there too.
func (s *Server) scoped(f func(http.ResponseWriter, *http.Request, *Device)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		id := strings.TrimSpace(r.Header.Get("X-Device-Id"))
		if decoded, err := url.QueryUnescape(id); err == nil {
			id = decoded
		}
		if id == "" {
			id = strings.TrimSpace(r.URL.Query().Get("device_id"))
		}
		switch d := s.resolve(id); {
		case d != nil:
			f(w, r, d)
		case id != "":
			write(w, http.StatusNotFound, "DEVICE_NOT_FOUND", "device not found; create a device first from /api/devices or provide a valid X-Device-Id", map[string]string{"device_id": id})
		default:
			write(w, http.StatusBadRequest, "DEVICE_ID_REQUIRED", "device_id is required via X-Device-Id header or device_id query", nil)
		}
	}
}

func (s *Server) appStatus(w http.ResponseWriter, _ *http.Request, d *Device) {
	write(w, http.StatusOK, "SUCCESS", "Connection status retrieved", map[string]any{
		"device_id": d.ID, "is_connected": d.Connected, "is_logged_in": d.LoggedIn, "jid": d.jid(),
	})
}

func (s *Server) resolve(id string) *Device {
	if id == "" && len(s.devices) == 1 {
		return s.devices[0]
	}
	for _, d := range s.devices {
		if id != "" && (d.ID == id || d.jid() == id) {
			return d
		}
	}
	return nil
}

func (d *Device) jid() string {
	if d.Number == "" {
		return ""
	}
	return d.Number + "@s.whatsapp.net"
}

func (s *Server) status(d *Device) any {
	return map[string]any{"device_id": d.ID, "is_connected": d.Connected, "is_logged_in": d.LoggedIn}
}

func (s *Server) info(d *Device) any {
	state := "disconnected"
	if d.LoggedIn {
		state = "logged_in"
	} else if d.Connected {
		state = "connected"
	}
	out := map[string]any{"id": d.ID, "state": state, "created_at": s.created.UTC().Format(time.RFC3339)}
	for key, v := range map[string]string{"phone_number": d.Number, "display_name": d.DisplayName, "jid": d.jid()} {
		if v != "" {
			out[key] = v
		}
	}
	return out
}

func write(w http.ResponseWriter, status int, code, message string, results any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// A client that went away is its own affair.
	_ = json.NewEncoder(w).Encode(map[string]any{"status": status, "code": code, "message": message, "results": results})
}
