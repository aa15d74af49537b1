package graph_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	simulator "whatsapp_sla_exporter/internal/simulator/graph"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/whatsapp"
	"whatsapp_sla_exporter/internal/whatsapp/graph"
)

// usage is a fault that only sets a usage header.
func usage(path, name, value string) simulator.Fault {
	return simulator.Fault{Kind: simulator.HeadersOnly, Path: path, Header: http.Header{http.CanonicalHeaderKey(name): {value}}}
}

func TestPaceFollowsTheUsageHeaders(t *testing.T) {
	const business = `{"%s":[{"type":"whatsapp","call_count":1},{"type":"whatsapp_business_management","call_count":%d,"total_time":2,"estimated_time_to_regain_access":%d}]}`
	for _, tc := range []struct {
		name    string
		fault   simulator.Fault
		factor  float64
		atLeast time.Duration
	}{
		{"half of the app's calls used", usage("", "X-App-Usage", `{"call_count":50,"total_cputime":2,"total_time":3}`), 1, 0},
		{"three quarters of the app's time used", usage("", "X-App-Usage", `{"call_count":5,"total_cputime":2,"total_time":75}`), 2, 0},
		{"nine tenths of the app's calls used", usage("", "X-App-Usage", `{"call_count":90}`), 4, 0},
		{"all of the app's calls used", usage("", "X-App-Usage", `{"call_count":120}`), 4, time.Minute},
		{"an unreadable header", usage("", "X-App-Usage", `{"call_count":`), 1, 0},
		{"another kind of header", usage("", "X-Business-Use-Case-Usage", `[1,2]`), 1, 0},
		{"a business use case nearly used up", usage("", "X-Business-Use-Case-Usage", fmt.Sprintf(business, "9001", 91, 0)), 4, 0},
		{"a business use case used up", usage("", "X-Business-Use-Case-Usage", fmt.Sprintf(business, "9001", 110, 17)), 4, 17 * time.Minute},
		{"another account's business use case used up", usage("", "X-Business-Use-Case-Usage", fmt.Sprintf(business, "9999", 110, 17)), 1, 0},
	} {
		t.Run("with "+tc.name, func(t *testing.T) {
			w := newWorld(t)
			w.sim.Fail(tc.fault)
			c := w.client(justSpain)
			_, _ = w.read(c)
			factor, atLeast := c.Pace()
			if factor != tc.factor || atLeast != tc.atLeast {
				t.Errorf("factor %v, at least %s; want %v, %s", factor, atLeast, tc.factor, tc.atLeast)
			}
			w.advance(61 * time.Minute)
			if factor, atLeast = c.Pace(); factor != 1 || atLeast != 0 {
				t.Errorf("an hour later: factor %v, at least %s", factor, atLeast)
			}
		})
	}
}

func TestQuotasAreObserved(t *testing.T) {
	w := newWorld(t)
	w.sim.Fail(usage("", "X-Business-Use-Case-Usage", `{"9001":[{"type":"whatsapp_business_management","call_count":61}]}`))
	w.must(w.client(func(*graph.Options) {}))
	want := map[string]float64{"app": 0.03, "business_use_case:whatsapp_business_management": 0.61}
	if d := cmp.Diff(want, w.quotas); d != "" {
		t.Error(d)
	}
}

func TestOneThrottledWABADoesNotStopTheOthers(t *testing.T) {
	w := newWorld(t)
	c := w.client(func(*graph.Options) {})
	w.must(c)
	f := usage("/9001/phone_numbers", "X-Business-Use-Case-Usage", `{"9001":[{"type":"whatsapp_business_management","call_count":130,"estimated_time_to_regain_access":20}]}`)
	f.Kind, f.Status, f.Code, f.Message, f.Times = simulator.ErrorCode, 400, 80008, "too many calls", 1
	w.sim.Fail(f)
	w.advance(time.Minute)
	a, err := w.read(c)
	if upstream.ReasonOf(err) != upstream.Throttled || upstream.RetryAfterOf(err) != 0 {
		t.Errorf("error %v asks the whole account to wait %s", err, upstream.RetryAfterOf(err))
	}
	w.calls()
	for range 19 {
		w.advance(time.Minute)
		a, err = w.read(c)
	}
	partial, ok := errors.AsType[*whatsapp.PartialError](err)
	if !ok || !strings.Contains(fmt.Sprint(partial), "waiting") {
		t.Errorf("error %v", err)
	}
	calls := w.calls()
	if calls["/9001/phone_numbers"] != 0 || calls["/9001"] != 0 || calls["/9002/phone_numbers"] != 19 {
		t.Errorf("calls %v", calls)
	}
	if factor, atLeast := c.Pace(); factor != 1 || atLeast != 0 {
		t.Errorf("the account's pace: %v, %s", factor, atLeast)
	}
	if !one(t, a, "5001").At.Equal(start) || !one(t, a, "5003").At.Equal(w.Now()) {
		t.Errorf("read at %s and %s", one(t, a, "5001").At, one(t, a, "5003").At)
	}
	w.advance(2 * time.Minute)
	if a := w.must(c); !one(t, a, "5001").At.Equal(w.Now()) {
		t.Errorf("after the time to regain access: read at %s", one(t, a, "5001").At)
	}
}

func TestAThrottledAppIsLeftAloneTheLongerTheOftener(t *testing.T) {
	w := newWorld(t)
	c := w.client(justSpain)
	before := w.must(c)
	w.sim.Fail(simulator.Fault{Kind: simulator.ErrorCode, Status: 400, Code: 4, Message: "(#4) Application request limit reached"})
	w.calls()
	for _, want := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 30 * time.Minute, 30 * time.Minute} {
		w.advance(time.Hour)
		a, err := w.read(c)
		if upstream.ReasonOf(err) != upstream.Throttled || upstream.RetryAfterOf(err) != want {
			t.Errorf("wait %s, want %s: %v", upstream.RetryAfterOf(err), want, err)
		}
		if _, atLeast := c.Pace(); atLeast != want {
			t.Errorf("pace: at least %s, want %s", atLeast, want)
		}
		if n := len(w.calls()); n != 1 {
			t.Errorf("%d calls", n)
		}
		if _, err := w.read(c); upstream.ReasonOf(err) != upstream.Throttled || len(w.calls()) != 0 {
			t.Errorf("called again at once: %v", err)
		}
		if d := cmp.Diff(ids(before), ids(a)); d != "" {
			t.Error(d)
		}
	}
}

func TestAPassInWhichNothingWasDueKeepsTheAccountFresh(t *testing.T) {
	w := newWorld(t)
	c := w.client(func(*graph.Options) {})
	w.must(c)
	w.calls()
	w.advance(10 * time.Second)
	if got := w.must(c); len(w.calls()) != 0 || !got.ReadAt.Equal(w.Now()) {
		t.Errorf("read at %s, want %s", got.ReadAt, w.Now())
	}
	w.token(func(t *simulator.Token) { t.Expires = start })
	w.advance(time.Minute)
	refused := w.Now()
	if _, err := w.read(c); err == nil {
		t.Fatal("a refused token gave no error")
	}
	w.advance(10 * time.Second)
	if got, err := w.read(c); err == nil || !got.ReadAt.Before(refused) {
		t.Errorf("with a refused token the account counts as read at %s (%v)", got.ReadAt, err)
	}
}

func TestHurryReadsOneWABANow(t *testing.T) {
	w := newWorld(t)
	c := w.client(func(*graph.Options) {})
	w.must(c)
	w.calls()
	w.advance(time.Second)
	c.Hurry("9002", false)
	c.Hurry("4711", true) // nobody reads this one
	w.must(c)
	w.must(c)
	if d := cmp.Diff(map[string]int{"/9002/phone_numbers": 1, "/9002": 1}, w.calls()); d != "" {
		t.Error(d)
	}
}

func TestHurryReadsTheTemplatesEvenWithoutRoomForDetails(t *testing.T) {
	w := newWorld(t)
	c := w.client(func(o *graph.Options) { o.HourlyCalls = 8 })
	w.must(c)
	w.calls()
	w.advance(time.Second)
	c.Hurry("9002", false)
	c.Hurry("9002", true)
	w.must(c)
	if d := cmp.Diff(map[string]int{"/9002/phone_numbers": 1, "/9002": 1, "/9002/message_templates": 1}, w.calls()); d != "" {
		t.Error(d)
	}
}

func TestMetasOwnLimitIsNeverReached(t *testing.T) {
	w := newWorldWith(t, simulator.Options{HourlyCalls: 60}) // less than is planned for
	c := w.client(justSpain)
	for range 180 {
		_, _ = c.Read(t.Context())
		_, atLeast := c.Pace()
		w.advance(max(time.Minute, atLeast))
	}
	refused := 0
	for _, r := range w.sim.Requests() {
		if r.Status == http.StatusBadRequest {
			refused++
		}
	}
	if refused != 0 {
		t.Errorf("%d calls over Meta's limit in three hours", refused)
	}
}
