package conformance

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"
)

// transport gives up soon on the requests that are expected to hang, and on no other: how fast the machine is must not
// matter.
type transport struct {
	next http.RoundTripper

	mu      sync.Mutex
	hanging bool
	path    string // beginning of the paths that hang
	after   int    // how many of them do not yet
}

// patience is how long a request that hangs is waited for.
const patience = 100 * time.Millisecond

func (t *transport) expectHang(path string, after int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hanging, t.path, t.after = true, path, after
}

func (t *transport) expectAnswers() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hanging = false
}

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if !t.hangs(r.URL.Path) {
		return t.next.RoundTrip(r)
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	return t.next.RoundTrip(r.WithContext(ctx))
}

func (t *transport) hangs(path string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.hanging || !strings.HasPrefix(path, t.path) {
		return false
	}
	t.after--
	return t.after < 0
}
