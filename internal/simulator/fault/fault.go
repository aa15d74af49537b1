// Package fault makes a simulated API fail in the ways that real ones do, for all simulators alike.
package fault

import (
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Kind is a way to fail.
type Kind string

// The kinds of faults.
const (
	HTML         Kind = "html"        // a page of a proxy in the place of JSON, with status 200
	Truncated    Kind = "truncated"   // an answer that ends in the middle
	Throttled    Kind = "throttled"   // 429, with Retry-After where RetryAfter is set
	ServerError  Kind = "500"         // with a body that is not JSON
	Unavailable  Kind = "503"         // with Retry-After where RetryAfter is set
	Unauthorized Kind = "401"         // credentials refused
	NotFound     Kind = "404"         // an HTML page that says so
	Hang         Kind = "hang"        // no answer until the client gives up
	Repeat       Kind = "repeat page" // the previous answer of the path again
)

// Kinds lists all kinds.
var Kinds = []Kind{HTML, Truncated, Throttled, ServerError, Unavailable, Unauthorized, NotFound, Hang, Repeat}

// Fault makes requests fail.
type Fault struct {
	Kind Kind
	Path string // beginning of the paths it is for; empty for all
	// After is how many requests still succeed, Times how many then fail; 0 is for ever.
	After, Times int
	RetryAfter   time.Duration

	seen int
}

// Bodies are what an API says when it refuses a request, as JSON; nil is a plain object.
type Bodies struct{ Throttled, Unauthorized []byte }

// Injector stands before a simulator. Its methods may be called while requests are answered.
type Injector struct {
	now    func() time.Time
	bodies Bodies

	mu       sync.Mutex
	faults   []*Fault
	calls    map[string]int
	last     map[string]answer
	clockOff time.Duration
}

// New returns an injector without faults.
func New(now func() time.Time, b Bodies) *Injector {
	return &Injector{now: now, bodies: b, calls: map[string]int{}, last: map[string]answer{}}
}

// Fail adds a fault.
func (i *Injector) Fail(f Fault) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.faults = append(i.faults, &f)
}

// Heal removes all faults.
func (i *Injector) Heal() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.faults = nil
}

// SetClockOff makes the Date header wrong by d.
func (i *Injector) SetClockOff(d time.Duration) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.clockOff = d
}

// Calls counts the requests by path, refused ones included.
func (i *Injector) Calls() map[string]int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return maps.Clone(i.calls)
}

// Wrap is the simulator behind the injector.
func (i *Injector) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, date := i.arrived(r.URL.Path)
		w.Header().Set("Date", date)
		if f != nil && i.refuse(*f, w, r) {
			return
		}
		out := answer{header: http.Header{}, status: http.StatusOK}
		next.ServeHTTP(&out, r)
		i.change(f, r.URL.Path, out).send(w)
	})
}

// arrived counts a request and finds the fault that it meets.
func (i *Injector) arrived(path string) (*Fault, string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.calls[path]++
	date := i.now().Add(i.clockOff).UTC().Format(http.TimeFormat)
	for _, f := range i.faults {
		if !strings.HasPrefix(path, f.Path) {
			continue
		}
		f.seen++
		if f.seen > f.After && (f.Times == 0 || f.seen <= f.After+f.Times) {
			met := *f // another request may count on the original meanwhile
			return &met, date
		}
	}
	return nil, date
}

// refuse answers where the fault does not let the request through.
func (i *Injector) refuse(f Fault, w http.ResponseWriter, r *http.Request) bool {
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
	}
	switch f.Kind {
	case HTML:
		reply(w, http.StatusOK, page, []byte("<!doctype html><title>Please sign in</title>"))
	case NotFound:
		reply(w, http.StatusNotFound, page, []byte("<!doctype html><title>404 Not Found</title>"))
	case ServerError:
		reply(w, http.StatusInternalServerError, page, []byte("<h1>Something went wrong</h1>"))
	case Unavailable:
		reply(w, http.StatusServiceUnavailable, "text/plain", []byte("upstream connect error"))
	case Throttled:
		reply(w, http.StatusTooManyRequests, "application/json", or(i.bodies.Throttled, `{"error":"too many requests"}`))
	case Unauthorized:
		reply(w, http.StatusUnauthorized, "application/json", or(i.bodies.Unauthorized, `{"error":"unauthorized"}`))
	case Hang:
		_, _ = io.Copy(io.Discard, r.Body) // net/http sees the client go only once the request is read
		<-r.Context().Done()
	default:
		return false
	}
	return true
}

const page = "text/html; charset=utf-8"

func or(body []byte, standard string) []byte {
	if body == nil {
		return []byte(standard)
	}
	return body
}

func reply(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that went away is its own affair
}

// change spoils a good answer, and keeps it for the next.
func (i *Injector) change(f *Fault, path string, out answer) *answer {
	i.mu.Lock()
	defer i.mu.Unlock()
	previous, had := i.last[path]
	i.last[path] = out
	switch {
	case f == nil:
	case f.Kind == Truncated:
		out.body = out.body[:len(out.body)/2]
	case f.Kind == Repeat && had:
		i.last[path] = previous
		out = previous
	}
	return &out
}

// answer is a ResponseWriter that keeps what is written.
type answer struct {
	header http.Header
	status int
	body   []byte
}

func (a *answer) Header() http.Header    { return a.header }
func (a *answer) WriteHeader(status int) { a.status = status }

func (a *answer) Write(b []byte) (int, error) {
	a.body = append(a.body, b...)
	return len(b), nil
}

func (a *answer) send(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}
