package desk

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Reply is an answer of a simulated API.
type Reply struct {
	Status int // 0: 200
	Header map[string]string
	Body   any // as JSON; nil is no body
}

// Handler answers a request. The zero value of its body is an empty one.
type Handler func(r *http.Request) Reply

// ServeHTTP sends the answer.
func (h Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out := h(r)
	for name, value := range out.Header {
		w.Header().Set(name, value)
	}
	if out.Status == 0 {
		out.Status = http.StatusOK
	}
	if out.Body == nil {
		w.WriteHeader(out.Status)
		return
	}
	body, err := json.Marshal(out.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(out.Status)
	_, _ = w.Write(body) // a client that went away is its own affair
}

// Window allows so many requests in each stretch of time.
type Window struct {
	Limit int // 0: unlimited
	Every time.Duration

	mu    sync.Mutex
	start time.Time
	used  int
}

// Take spends one request. It says how many are left, when the window ends, and whether the request may pass.
func (w *Window) Take(now time.Time) (left int, ends time.Time, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.Limit == 0 {
		return 0, now, true
	}
	if now.Sub(w.start) >= w.Every {
		w.start, w.used = now, 0
	}
	ends = w.start.Add(w.Every)
	if w.used >= w.Limit {
		return 0, ends, false
	}
	w.used++
	return w.Limit - w.used, ends, true
}

// Number reads a parameter between least and most; absent, it is standard.
func Number(r *http.Request, name string, standard, least, most int) (int, bool) {
	v := r.URL.Query().Get(name)
	if v == "" {
		return standard, true
	}
	n, err := strconv.Atoi(v)
	return n, err == nil && n >= least && n <= most
}

// Unknown is a parameter of the request that is not one of these; empty when all are.
func Unknown(r *http.Request, known ...string) string {
	for name := range r.URL.Query() {
		found := false
		for _, k := range known {
			found = found || k == name
		}
		if !found {
			return name
		}
	}
	return ""
}

// Seconds rounds up.
func Seconds(d time.Duration) string { return strconv.Itoa(int((d + time.Second - 1) / time.Second)) }

// Indexed leaves out the tickets that changed less than delay ago, like a search index that has not caught up.
func (d *Desk) Indexed(delay time.Duration) func(*Ticket) bool {
	settled := d.now().Add(-delay)
	return func(t *Ticket) bool { return !t.Updated.After(settled) }
}
