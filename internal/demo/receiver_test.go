package demo

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReceiverPrintsWhatAPagerWouldGet(t *testing.T) {
	var out strings.Builder
	r := NewReceiver(&out, func() time.Time { return began })
	for body, want := range map[string]int{
		`{"receiver":"on-call","alerts":[
			{"status":"firing","labels":{"alertname":"SLABreachImminent"},"annotations":{"summary":"s","description":"Ticket 7 breaches at 12:05."}},
			{"status":"resolved","labels":{"alertname":"SLABreached"},"annotations":{"summary":"A ticket has breached."}}]}`: http.StatusOK,
		`not JSON`: http.StatusBadRequest,
	} {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body)))
		if w.Code != want {
			t.Errorf("%.20s: status %d, want %d", body, w.Code, want)
		}
	}
	want := "12:00:00  firing    on-call   SLABreachImminent: Ticket 7 breaches at 12:05.\n" +
		"12:00:00  resolved  on-call   SLABreached: A ticket has breached.\n"
	if d := cmp.Diff(want, out.String()); d != "" {
		t.Error(d)
	}
}
