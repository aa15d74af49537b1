package graph

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/whatsapp"
)

var now = time.Date(2026, 9, 21, 10, 10, 0, 0, time.UTC)

func TestPlanKeepsTheHourlyCalls(t *testing.T) {
	for _, tc := range []struct {
		name  string
		calls int
		shape shape
		want  plan
	}{
		{"a WABA of 20 numbers", 100, shape{phonePages: 1, templatePages: 2, numbers: 20}, plan{
			phones: time.Minute, node: 5 * time.Minute, details: 25,
			templates: 30 * time.Minute, analytics: 30 * time.Minute, subscription: time.Hour, profile: 6 * time.Hour, health: 30 * time.Minute,
		}},
		{"nothing known yet", 100, shape{}, plan{
			phones: time.Minute, node: 5 * time.Minute, details: 25,
			templates: 30 * time.Minute, analytics: 30 * time.Minute, subscription: time.Hour, profile: 6 * time.Hour, health: 30 * time.Minute,
		}},
		{"250 numbers and 6,000 templates", 100, shape{phonePages: 3, templatePages: 60, numbers: 250}, plan{
			phones: 3 * time.Minute, node: 5 * time.Minute, details: 25,
			templates: 11856 * time.Second, analytics: 11856 * time.Second, subscription: 23712 * time.Second,
			profile: 142272 * time.Second, health: 11856 * time.Second,
		}},
		{"ten times the calls", 1000, shape{phonePages: 3, templatePages: 60, numbers: 250}, plan{
			phones: 18 * time.Second, node: 30 * time.Second, details: 250,
			templates: 30 * time.Minute, analytics: 30 * time.Minute, subscription: time.Hour, profile: 6 * time.Hour, health: 30 * time.Minute,
		}},
	} {
		got := planFor(tc.calls, tc.shape)
		if d := cmp.Diff(tc.want, got, cmp.AllowUnexported(plan{})); d != "" {
			t.Errorf("%s: %s", tc.name, d)
		}
		perHour := func(calls int, every time.Duration) float64 {
			return float64(calls) * float64(time.Hour) / float64(every)
		}
		sum := perHour(max(tc.shape.phonePages, 1), got.phones) + perHour(1, got.node) + perHour(max(tc.shape.templatePages, 1), got.templates) +
			perHour(1, got.analytics) + perHour(1, got.subscription) + perHour(tc.shape.numbers, got.profile)
		if sum > float64(tc.calls) {
			t.Errorf("%s: %.1f calls an hour, over %d", tc.name, sum, tc.calls)
		}
	}
}

func TestAFailedJobIsTriedSoonAndThenEverLater(t *testing.T) {
	for every, want := range map[time.Duration][]time.Duration{
		time.Minute:      {time.Minute, 2 * time.Minute, 4 * time.Minute, 5 * time.Minute, 5 * time.Minute},
		30 * time.Minute: {5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute, 30 * time.Minute},
	} {
		var j job
		var got []time.Duration
		for range want {
			j.failed(now, every, http.ErrServerClosed)
			got = append(got, j.next.Sub(now))
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("every %s: %s", every, d)
		}
	}
}

func TestPollsThatJitterKeepTheAverage(t *testing.T) {
	var j job
	runs := 0
	for i := range 3600 / 40 { // polls every 40 s of a job for every 60 s
		if at := now.Add(time.Duration(i) * 40 * time.Second); j.due(at, time.Minute) {
			j.done(at, time.Minute)
			runs++
		}
	}
	if runs < 59 || runs > 61 {
		t.Errorf("%d runs in an hour", runs)
	}
}

func TestErrorClasses(t *testing.T) {
	for raw, want := range map[string]upstream.Reason{
		`{"code":190,"error_subcode":463}`:    upstream.Auth,
		`{"code":0}`:                          upstream.Auth,
		`{"code":104}`:                        upstream.Auth,
		`{"code":10}`:                         upstream.Permission,
		`{"code":200}`:                        upstream.Permission,
		`{"code":299}`:                        upstream.Permission,
		`{"code":100,"error_subcode":33}`:     upstream.NotFound,
		`{"code":100}`:                        upstream.BadRequest,
		`{"code":33}`:                         upstream.NotFound,
		`{"code":803}`:                        upstream.NotFound,
		`{"code":1}`:                          upstream.Server,
		`{"code":2,"is_transient":true}`:      upstream.Server,
		`{"code":131057}`:                     upstream.Server,
		`{"code":4}`:                          upstream.Throttled,
		`{"code":613}`:                        upstream.Throttled,
		`{"code":80007}`:                      upstream.Throttled,
		`{"code":80008}`:                      upstream.Throttled,
		`{"code":131031}`:                     upstream.Permission,
		`{"code":368}`:                        upstream.Permission,
		`{"code":131059}`:                     upstream.BadRequest,
		`{"code":999999,"is_transient":true}`: upstream.Server,
		`{"code":999999}`:                     upstream.BadRequest,
		`{"code":999999,"message":17,"error_subcode":"x"}`: upstream.BadRequest,
		`{"message":"no code at all"}`:                     "",
		`{"code":"190"}`:                                   "",
	} {
		e := errorIn(400, []byte(`{"error":`+raw+`}`))
		var got upstream.Reason
		if u := classify(e); u != nil {
			got = u.Reason
		}
		if got != want {
			t.Errorf("%s: %q, want %q", raw, got, want)
		}
	}
}

func TestQuotedMessagesCarryNoSecret(t *testing.T) {
	for message, want := range map[string]string{
		"Malformed access token EAAGm0PX4ZCpsBAKZCZBexample": `Meta says "Malformed access token <cut>"`,
		"bad url ?access_token=abc&x=1":                      `Meta says "bad url ?access_token=<secret>&x=1"`,
		strings.Repeat("ü ", 150):                            `Meta says "` + strings.Repeat("ü ", 100) + `..."`,
		"(#100) Param limit must be a number":                `Meta says "(#100) Param limit must be a number"`,
	} {
		if got := quote(message); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestAnalyticsBoundTheUse(t *testing.T) {
	recent, old, end := now.Add(-time.Hour).Unix(), now.Add(-3*24*time.Hour).Unix(), now.Add(-8*24*time.Hour).Unix()
	for _, tc := range []struct {
		name    string
		answer  string
		want    *messages
		problem string
	}{
		{"template messages alone", fmt.Sprintf(`{"analytics":{"data_points":[{"end":%d,"delivered":3},{"end":%d,"delivered":5},{"end":%d,"delivered":7}]}}`, recent, old, end), &messages{all: window{3, 8}}, ""},
		{
			"the smaller of both",
			fmt.Sprintf(`{"analytics":{"data_points":[{"end":%d,"delivered":30}]},"pricing_analytics":{"data":[{"data_points":[
				{"end":%d,"volume":20,"pricing_type":"REGULAR","pricing_category":"MARKETING","phone_number":"34600112233"},
				{"end":%d,"volume":50,"pricing_type":"FREE_CUSTOMER_SERVICE","pricing_category":"SERVICE","phone_number":"34600112233"},
				{"end":%d,"volume":50,"pricing_type":"REGULAR","pricing_category":"SERVICE","phone_number":"34600112233"}]}]}}`, recent, recent, recent, recent),
			&messages{all: window{20, 20}, numbers: map[string]window{"34600112233": {20, 20}}}, "",
		},
		{
			"pricing without its own key",
			fmt.Sprintf(`{"data":[{"data_points":[{"end":%d,"volume":4,"pricing_type":"REGULAR","pricing_category":"UTILITY","phone_number":"1"}]}],"id":"9001"}`, old),
			&messages{all: window{0, 4}, numbers: map[string]window{"1": {0, 4}}}, "",
		},
		{"an empty list is a count of none", `{"analytics":{"data_points":[]},"id":"9001"}`, &messages{}, ""},
		{"an empty pricing list", `{"pricing_analytics":{"data":[]}}`, &messages{numbers: map[string]window{}}, ""},
		{
			"no prices of messages that were delivered", fmt.Sprintf(`{"analytics":{"data_points":[{"end":%d,"delivered":3}]},"pricing_analytics":{"data":[]}}`, recent),
			&messages{all: window{3, 3}}, "",
		},
		{
			"prices of which nobody has seen the type, or that have none", fmt.Sprintf(`{"pricing_analytics":{"data_points":[
				{"end":%d,"volume":4,"pricing_type":"REGULAR_PLUS","phone_number":"1"},{"end":%d,"volume":2,"phone_number":"1"},
				{"end":%d,"volume":8,"pricing_type":"FREE_FOR_ALL","phone_number":"1"}]}}`, recent, recent, recent),
			&messages{all: window{6, 6}, numbers: map[string]window{"1": {6, 6}}}, "",
		},
		{"a point without a time", `{"analytics":{"data_points":[{"delivered":3}]}}`, nil, "a data point without end"},
		{"a price point without a time", `{"pricing_analytics":{"data_points":[{"volume":3,"pricing_type":"REGULAR"}]}}`, nil, "a data point without end"},
		{"no analytics at all", `{"id":"9001"}`, nil, "neither analytics nor pricing_analytics"},
		{"analytics without points", `{"analytics":{"granularity":"HALF_HOUR"}}`, nil, "neither analytics nor pricing_analytics"},
		{"a point without a number", fmt.Sprintf(`{"analytics":{"data_points":[{"end":%d}]}}`, recent), nil, "a data point without delivered"},
		{"a price point without a number", fmt.Sprintf(`{"pricing_analytics":{"data_points":[{"end":%d}]}}`, recent), nil, "a data point without volume"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var n analyticsNode
			if err := json.Unmarshal([]byte(tc.answer), &n); err != nil {
				t.Fatal(err)
			}
			got, err := n.count(now)
			if err == nil != (tc.problem == "") || err != nil && !strings.Contains(err.Error(), tc.problem) {
				t.Fatalf("error %v, want %q", err, tc.problem)
			}
			if d := cmp.Diff(tc.want, got, cmp.AllowUnexported(messages{}, window{})); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestAnAnswerIsDecodedOnlyWhenItIsAnother(t *testing.T) {
	c := &Client{answers: map[string]any{}}
	decode := func(path, body string) *idNode {
		t.Helper()
		p, err := decodePage[idNode](c, path, &upstream.Response{Body: []byte(body)})
		if err != nil || len(p.Data) != 1 {
			t.Fatalf("%v, %v", p, err)
		}
		return &p.Data[0]
	}
	first := decode("/9001/phone_numbers", `{"data":[{"id":"5001"}]}`)
	if decode("/9001/phone_numbers", `{"data":[{"id":"5001"}]}`) != first {
		t.Error("the same answer was decoded again")
	}
	if got := decode("/9002/phone_numbers", `{"data":[{"id":"5001"}]}`); got == first {
		t.Error("an answer of another list was taken")
	}
	if got := decode("/9001/phone_numbers", `{"data":[{"id":"5002"}]}`); got.ID != "5002" {
		t.Errorf("another answer gave %v", got)
	}
	long := fmt.Sprintf(`{"data":[{"id":"5001","name":%q}]}`, strings.Repeat("x", keptAnswer))
	if once := decode("/9001/phone_numbers", long); decode("/9001/phone_numbers", long) == once {
		t.Error("a long answer is kept")
	}
	c.follow([]string{"9002"})
	if _, left := c.answers["/9002/phone_numbers"]; len(c.answers) != 1 || !left {
		t.Errorf("left of the answers once only 9002 is followed: %v", c.answers)
	}
}

func TestScopesThatAreNotToldAreNotMissing(t *testing.T) {
	for answer, want := range map[string][]string{
		`{"is_valid":true}`:                                {},
		`{"is_valid":true,"scopes":null}`:                  {},
		`{"is_valid":true,"scopes":[]}`:                    {managementScope},
		`{"is_valid":true,"scopes":["public_profile",10]}`: {managementScope},
	} {
		var n tokenNode
		if err := json.Unmarshal([]byte(answer), &n); err != nil {
			t.Fatal(err)
		}
		got := n.token(whatsapp.Reading{At: now}, []string{managementScope}).MissingScopes
		if d := cmp.Diff(want, append([]string{}, got...)); d != "" {
			t.Errorf("%s: %s", answer, d)
		}
	}
}
