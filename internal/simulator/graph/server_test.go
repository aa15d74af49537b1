package graph_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/simulator/graph"
)

var at = time.Date(2026, 9, 21, 10, 0, 0, 0, time.UTC)

const token = "EAAsimulatedTokenOfTheTest"

func server(o graph.Options) *graph.Server {
	o.Now = func() time.Time { return at }
	s := graph.New(o)
	s.SetToken(graph.Token{Value: token, UserID: "7788", Scopes: []string{graph.ManagementScope, graph.BusinessScope}, WABAs: []string{"9001"}})
	s.SetToken(graph.Token{Value: "EAAexpired", Expires: at.Add(-time.Hour), Scopes: []string{graph.ManagementScope}})
	s.SetToken(graph.Token{Value: "EAAnothing", Scopes: []string{"public_profile"}})
	s.SetPortfolio(graph.Portfolio{ID: "3001", Name: "Acme SL", Limit: "TIER_10K"})
	s.SetWABA(graph.WABA{ID: "9001", PortfolioID: "3001", Name: "Acme ES", Apps: []string{"4411"}})
	s.SetWABA(graph.WABA{ID: "9002", PortfolioID: "3001", Name: "Acme PT"})
	for _, id := range []string{"5001", "5002", "5003"} {
		s.SetNumber(graph.Number{ID: id, WABAID: "9001", Display: "+34 600 00 " + id, VerifiedName: "Acme"})
	}
	return s
}

// get calls the server and decodes the answer.
func get(t *testing.T, s http.Handler, bearer, target string) (*http.Response, map[string]any) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	res := w.Result()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatalf("%s answers %q: %v", target, body, err)
	}
	return res, v
}

// errorCode is the code and the subcode of an answer.
func errorCode(v map[string]any) [2]float64 {
	e, _ := v["error"].(map[string]any)
	code, _ := e["code"].(float64)
	sub, _ := e["error_subcode"].(float64)
	return [2]float64{code, sub}
}

func TestRefusals(t *testing.T) {
	s := server(graph.Options{})
	for _, tc := range []struct {
		name, token, target string
		status              int
		want                [2]float64
	}{
		{"without a token", "", "/v25.0/9001", 400, [2]float64{104, 0}},
		{"with a token nobody gave out", "EAAwrong", "/v25.0/9001", 401, [2]float64{190, 0}},
		{"with an expired token", "EAAexpired", "/v25.0/9001", 401, [2]float64{190, 463}},
		{"without the scope", "EAAnothing", "/v25.0/9001", 403, [2]float64{200, 0}},
		{"for a WABA that is not assigned", token, "/v25.0/9002", 400, [2]float64{100, 33}},
		{"for an object that is not there", token, "/v25.0/1", 400, [2]float64{100, 33}},
		{"for an edge that is not there", token, "/v25.0/9001/nothing", 400, [2]float64{100, 33}},
		{"for a field that is not there", token, "/v25.0/9001?fields=id,colour", 400, [2]float64{100, 0}},
		{"for the portfolio's limit before v24", token, "/v23.0/9001?fields=whatsapp_business_manager_messaging_limit", 400, [2]float64{100, 0}},
		{"for pages larger than allowed", token, "/v25.0/9001/phone_numbers?limit=101", 400, [2]float64{100, 0}},
		{"with a parameter that is not simulated", token, "/v25.0/9001/phone_numbers?sort=creation_time.asc", 400, [2]float64{100, 0}},
		{"with a cursor to go back that is none", token, "/v25.0/9001/phone_numbers?before=x", 400, [2]float64{100, 0}},
		{"with a cursor of another list", token, "/v25.0/9001/message_templates?after=cGhvbmVfbnVtYmVyczox", 400, [2]float64{131059, 0}},
		{"of a version that does not exist yet", token, "/v99.0/9001", 400, [2]float64{2635, 0}},
		{"for analytics without a time", token, "/v25.0/9001?fields=analytics.granularity(HALF_HOUR)", 400, [2]float64{100, 0}},
		{"for a token inspected by somebody else's bad token", "EAAwrong", "/v25.0/debug_token?input_token=" + token, 401, [2]float64{190, 0}},
	} {
		t.Run("a call "+tc.name+" is refused", func(t *testing.T) {
			res, v := get(t, s, tc.token, tc.target)
			if res.StatusCode != tc.status || errorCode(v) != tc.want {
				t.Errorf("got HTTP %d, code %v: %v; want %d, %v", res.StatusCode, errorCode(v), v, tc.status, tc.want)
			}
		})
	}
}

func TestOnlyAskedFieldsAndIDAreSent(t *testing.T) {
	_, v := get(t, server(graph.Options{}), token, "/v25.0/5001?fields=status,throughput")
	want := map[string]any{"id": "5001", "status": "CONNECTED", "throughput": map[string]any{"level": "STANDARD"}}
	if d := cmp.Diff(want, v); d != "" {
		t.Error(d)
	}
}

func TestPagesEndWithoutNextAndNeverLeakTheRealToken(t *testing.T) {
	s := server(graph.Options{})
	var ids []string
	after := ""
	for range 3 {
		_, v := get(t, s, token, "/v25.0/9001/phone_numbers?fields=id&limit=2&after="+after)
		for _, n := range v["data"].([]any) {
			ids = append(ids, n.(map[string]any)["id"].(string))
		}
		paging := v["paging"].(map[string]any)
		next, more := paging["next"].(string)
		if !more {
			break
		}
		if u, err := url.Parse(next); err != nil || u.Query().Get("access_token") != graph.FakeToken || strings.Contains(next, token) {
			t.Errorf("next is %q, %v", next, err)
		}
		after = paging["cursors"].(map[string]any)["after"].(string)
	}
	if d := cmp.Diff([]string{"5001", "5002", "5003"}, ids); d != "" {
		t.Error(d)
	}
}

func TestExpiredVersionsAreAnsweredByTheOldestAlive(t *testing.T) {
	res, _ := get(t, server(graph.Options{}), token, "/v19.0/9001")
	if got := res.Header.Get("facebook-api-version"); got != "v22.0" {
		t.Errorf("served by %q", got)
	}
}

func TestCallsOverTheAllowanceAreThrottledWithATimeToRegain(t *testing.T) {
	s := server(graph.Options{HourlyCalls: 4})
	for i := range 4 {
		if res, v := get(t, s, token, "/v25.0/9001"); res.StatusCode != http.StatusOK {
			t.Fatalf("call %d: %v", i, v)
		}
	}
	res, v := get(t, s, token, "/v25.0/5001")
	if errorCode(v) != [2]float64{80008, 0} {
		t.Errorf("the fifth call: %v", v)
	}
	var usage map[string][]map[string]any
	if err := json.Unmarshal([]byte(res.Header.Get("X-Business-Use-Case-Usage")), &usage); err != nil {
		t.Fatal(err)
	}
	first := usage["9001"][0]
	if first["call_count"] != 100.0 || first["estimated_time_to_regain_access"] != 60.0 {
		t.Errorf("usage %v", first)
	}
}

func TestOverallHealthIsBlockedBySIPAlone(t *testing.T) {
	s := server(graph.Options{})
	s.ChangeNumber("5001", func(n *graph.Number) {
		n.Health = graph.Health{SIP: "BLOCKED", Errors: []graph.HealthError{{Code: 138024, Description: "SIP is not enabled"}}}
	})
	_, v := get(t, s, token, "/v25.0/5001?fields=health_status")
	health := v["health_status"].(map[string]any)
	first := health["entities"].([]any)[0].(map[string]any)
	if health["can_send_message"] != "BLOCKED" || first["can_send_message"] != "AVAILABLE" || first["can_receive_call_sip"] != "BLOCKED" {
		t.Errorf("health %v", health)
	}
}

func TestDebugTokenTellsOfAnInvalidTokenWithStatus200(t *testing.T) {
	res, v := get(t, server(graph.Options{}), "EAAexpired", "/v25.0/debug_token?input_token=EAAexpired")
	data := v["data"].(map[string]any)
	want := map[string]any{"code": 190.0, "subcode": 463.0, "message": "Error validating access token"}
	if res.StatusCode != http.StatusOK || data["is_valid"] != false || cmp.Diff(want, data["error"]) != "" {
		t.Errorf("HTTP %d: %v", res.StatusCode, v)
	}
}

func TestPricingCountsOnlyTheWindowAskedFor(t *testing.T) {
	s := server(graph.Options{})
	for _, before := range []time.Duration{time.Hour, 25 * time.Hour} {
		s.Deliver(graph.Traffic{NumberID: "5001", At: at.Add(-before), Template: true, Type: "REGULAR", Category: "MARKETING", Count: 7})
	}
	q := url.Values{"fields": {`pricing_analytics.start(` + "1789898400" + `).end(1789984800).granularity(HALF_HOUR).dimensions(["PHONE","PRICING_TYPE"])`}}
	_, v := get(t, s, token, "/v25.0/9001?"+q.Encode())
	got := v["pricing_analytics"].(map[string]any)["data"].([]any)[0].(map[string]any)["data_points"].([]any)
	start := float64(at.Add(-time.Hour).Unix())
	want := []any{map[string]any{"start": start, "end": start + 1800, "volume": 7.0, "phone_number": "34600005001", "pricing_type": "REGULAR"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
