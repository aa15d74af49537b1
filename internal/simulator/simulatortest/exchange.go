// Package simulatortest asks simulators what no client of ours asks: requests that are written by hand, from the
// documentation of the API, each with the whole answer that it must get.
package simulatortest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Exchange is a request and its answer.
type Exchange struct {
	// Request is what HTTP sends: "GET /path?query", and on lines of their own the headers.
	Request string
	Status  int
	// Answer is the whole body: JSON, of which the form does not matter, or text.
	Answer string
}

// Run makes each exchange with the simulator, in any order.
func Run(t *testing.T, simulator http.Handler, exchanges map[string]Exchange) {
	t.Helper()
	for name, e := range exchanges {
		t.Run(name, func(t *testing.T) { e.check(t, simulator) })
	}
}

// InOrder makes one exchange after the other.
func InOrder(t *testing.T, simulator http.Handler, exchanges ...Exchange) {
	t.Helper()
	for _, e := range exchanges {
		e.check(t, simulator)
	}
}

func (e Exchange) check(t *testing.T, simulator http.Handler) {
	t.Helper()
	w := Ask(simulator, e.Request)
	if d := cmp.Diff(value(e.Answer), value(w.Body.String())); w.Code != e.Status || d != "" {
		t.Errorf("%s: status %d, want %d; %s", e.Request, w.Code, e.Status, d)
	}
}

// Ask makes a request, which is written as that of an Exchange.
func Ask(simulator http.Handler, request string) *httptest.ResponseRecorder {
	lines := strings.Split(request, "\n")
	method, address, _ := strings.Cut(lines[0], " ")
	r := httptest.NewRequest(method, address, nil)
	for _, line := range lines[1:] {
		key, v, _ := strings.Cut(line, ": ")
		r.Header.Add(key, v)
	}
	w := httptest.NewRecorder()
	simulator.ServeHTTP(w, r)
	return w
}

// value is JSON decoded, or a text as it is.
func value(body string) (v any) {
	if json.Unmarshal([]byte(body), &v) != nil {
		return strings.TrimSpace(body)
	}
	return v
}
