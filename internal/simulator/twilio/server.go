// Package twilio is an honest fake of Twilio's Senders API, for the demo and the tests: the paged list of an account's
// WhatsApp senders.
package twilio

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"whatsapp_sla_exporter/internal/simulator/fault"
)

// Sender is a number that is registered with WhatsApp.
type Sender struct {
	SID            string
	Number         string // E.164
	Status         string // ONLINE, OFFLINE, ...
	Quality, Limit string // HIGH, "10K Customers/24hr"; both empty: no properties
	WABAID, Name   string
	Reasons        []string // error codes of an offline sender
}

// Options configure a Server.
type Options struct {
	User, Password string
	Now            func() time.Time
	// PublicURL is what the addresses of next pages begin with. Twilio: https://messaging.twilio.com.
	PublicURL string
	// MaxPage is the largest PageSize. Twilio: 1,000.
	MaxPage int
}

// Server is the fake. Its methods may be called while it answers.
type Server struct {
	*fault.Injector
	handler http.Handler
	o       Options

	mu      sync.Mutex
	senders []Sender
}

// New returns an account without senders.
func New(o Options) *Server {
	if o.PublicURL == "" {
		o.PublicURL = "https://messaging.twilio.com"
	}
	if o.MaxPage == 0 {
		o.MaxPage = 1000
	}
	s := &Server{Injector: fault.New(o.Now, fault.Bodies{
		Throttled:    []byte(`{"code":20429,"message":"Too Many Requests","more_info":"https://www.twilio.com/docs/errors/20429","status":429}`),
		Unauthorized: []byte(`{"code":20003,"message":"Authenticate","more_info":"https://www.twilio.com/docs/errors/20003","status":401}`),
	}), o: o}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v2/Channels/Senders", s.list)
	mux.HandleFunc("GET /v2/Channels/Senders/{sid}", s.get)
	mux.HandleFunc("/", notFound)
	s.handler = s.Wrap(s.authenticated(mux))
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Set adds a sender, or replaces the one of its SID.
func (s *Server) Set(v Sender) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := slices.IndexFunc(s.senders, func(x Sender) bool { return x.SID == v.SID }); n >= 0 {
		s.senders[n] = v
		return
	}
	s.senders = append(s.senders, v)
}

func (s *Server) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, ok := r.BasicAuth(); !ok || user != s.o.User || password != s.o.Password {
			w.Header().Set("WWW-Authenticate", `Basic realm="Twilio API"`)
			refuse(w, http.StatusUnauthorized, 20003, "Authenticate")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) get(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := slices.IndexFunc(s.senders, func(v Sender) bool { return v.SID == r.PathValue("sid") })
	if n < 0 {
		notFound(w, r)
		return
	}
	write(w, http.StatusOK, s.senders[n].json())
}

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := r.URL.Query()
	size, err := strconv.Atoi(q.Get("PageSize"))
	if q.Get("PageSize") == "" {
		size, err = 50, nil
	}
	senders := s.senders
	if q.Get("Channel") == "rcs" { // of which this account has none
		senders = nil
	}
	from, tokenErr := offset(q.Get("PageToken"), len(senders))
	switch {
	case q.Get("Channel") != "whatsapp" && q.Get("Channel") != "rcs":
		refuse(w, http.StatusBadRequest, 20001, "Channel is required")
		return
	case err != nil || size < 1 || size > s.o.MaxPage:
		refuse(w, http.StatusBadRequest, 20001, "PageSize is invalid")
		return
	case tokenErr != nil:
		refuse(w, http.StatusBadRequest, 20001, "PageToken is invalid")
		return
	}
	to := min(from+size, len(senders))
	out := make([]any, 0, to-from)
	for _, v := range senders[from:to] {
		out = append(out, v.json())
	}
	page, _ := strconv.Atoi(q.Get("Page")) // for the client's state only
	address := fmt.Sprintf("%s/v2/Channels/Senders?Channel=%s&PageSize=%d&Page=", s.o.PublicURL, q.Get("Channel"), size)
	meta := map[string]any{
		"page": page, "page_size": size, "key": "senders", "next_page_url": nil, "previous_page_url": nil,
		"first_page_url": address + "0", "url": address + strconv.Itoa(page),
	}
	if to < len(senders) {
		meta["next_page_url"] = fmt.Sprintf("%s%d&PageToken=%s", address, page+1, token(to))
	}
	write(w, http.StatusOK, map[string]any{"senders": out, "meta": meta})
}

// A page token names the sender that the page begins with.
func token(offset int) string { return fmt.Sprintf("PAXE%08x", offset) }

func offset(pageToken string, senders int) (int, error) {
	if pageToken == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(pageToken, "PAXE"), 16, 31)
	if err != nil || token(int(n)) != pageToken || int(n) >= senders {
		return 0, fmt.Errorf("page token %q", pageToken)
	}
	return int(n), nil
}

func (v Sender) json() map[string]any {
	out := map[string]any{
		"sid": v.SID, "sender_id": "whatsapp:" + v.Number, "status": v.Status, "properties": nil, "compliance": nil,
		"configuration":   map[string]any{"waba_id": v.WABAID, "verification_method": nil, "verification_code": nil, "voice_application_sid": nil},
		"profile":         map[string]any{"name": v.Name, "about": nil, "emails": []any{map[string]string{"email": "owner@acme.example", "label": "Email"}}},
		"webhook":         map[string]any{"callback_url": "https://acme.example/whatsapp", "callback_method": "POST"},
		"offline_reasons": nil,
		"url":             "https://messaging.twilio.com/v2/Channels/Senders/" + v.SID,
	}
	if v.Quality != "" || v.Limit != "" {
		out["properties"] = map[string]string{"quality_rating": v.Quality, "messaging_limit": v.Limit}
	}
	var reasons []any
	for _, code := range v.Reasons {
		reasons = append(reasons, map[string]string{"code": code, "message": "The sender is offline", "more_info": "https://www.twilio.com/docs/errors/" + code})
	}
	if reasons != nil {
		out["offline_reasons"] = reasons
	}
	return out
}

func notFound(w http.ResponseWriter, r *http.Request) {
	refuse(w, http.StatusNotFound, 20404, "The requested resource "+r.URL.Path+" was not found")
}

func refuse(w http.ResponseWriter, status, code int, message string) {
	write(w, status, map[string]any{
		"code": code, "message": message, "status": status, "more_info": fmt.Sprintf("https://www.twilio.com/docs/errors/%d", code),
	})
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that went away is its own affair
}
