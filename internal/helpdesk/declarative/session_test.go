package declarative

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/upstream"
)

const withSession = "name: own\nheaders: {X-Api: \"2\"}\nsession: {path: /begin, token: .token, header: X-Session}"

func TestASessionIsBegunOnceAndAgainWhenItEnded(t *testing.T) {
	d := own(t, with("name: own", withSession))
	current := "first"
	d.on("/begin", func(r *http.Request) (int, http.Header, any) {
		if r.Header.Get("X-Session") != "" {
			t.Error("the old session goes along")
		}
		return http.StatusOK, nil, map[string]any{"token": current}
	})
	d.on("/tickets", func(r *http.Request) (int, http.Header, any) {
		if r.Header.Get("X-Session") != current || r.Header.Get("X-Api") != "2" {
			return http.StatusUnauthorized, nil, map[string]any{}
		}
		return http.StatusOK, nil, agos(1)
	})
	for range 2 {
		if _, err := d.client.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	current = "second"
	if _, err := d.client.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{"/api/begin", "/api/tickets", "/api/tickets", "/api/tickets", "/api/begin", "/api/tickets"}
	if x := cmp.Diff(want, d.requests()); x != "" {
		t.Error(x)
	}
}

func TestASessionThatDoesNotHelpIsNotBegunForEver(t *testing.T) {
	d := own(t, with("name: own", withSession))
	d.says("/begin", http.StatusOK, map[string]any{"token": "s3cret"})
	d.says("/tickets", http.StatusUnauthorized, map[string]any{})
	_, err := d.client.Open(t.Context())
	if upstream.ReasonOf(err) != upstream.Auth || strings.Contains(err.Error(), "s3cret") || len(d.requests()) != 4 {
		t.Errorf("got %v", err)
	}
	d.says("/begin", http.StatusUnauthorized, map[string]any{})
	if _, err := d.client.Open(t.Context()); upstream.ReasonOf(err) != upstream.Auth || !strings.Contains(err.Error(), "beginning a session") {
		t.Errorf("refused: %v", err)
	}
	d = own(t, with("name: own", withSession))
	d.says("/begin", http.StatusOK, map[string]any{"tokn": "s3cret"})
	if _, err := d.client.Open(t.Context()); upstream.ReasonOf(err) != upstream.Decode || !strings.Contains(err.Error(), "no session token") {
		t.Errorf("without a token: %v", err)
	}
}
