package graph

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/whatsapp"
)

// fuzzClient converts without calling anybody.
func fuzzClient(t testing.TB) *Client {
	c, err := New(Options{Account: "fuzz", WABAIDs: []string{"9001"}, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func FuzzPhoneNumbers(f *testing.F) {
	f.Add([]byte(`{"data":[{"id":"5001","status":"CONNECTED","quality_rating":"NA","throughput":{"level":"STANDARD"},"health_status":{"can_send_message":"BLOCKED","entities":[{"entity_type":"APP","id":4411,"can_send_message":"BLOCKED","errors":[{"error_code":141006}]}]}}],"paging":{"cursors":{"after":"QVF"},"next":"https://graph.facebook.com/x?after=QVF"}}`))
	f.Add([]byte(`{"data":[{"id":5001,"throughput":"HIGH","health_status":[]}],"paging":{"next":"::"}}`))
	f.Add([]byte(`{"data":null}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var p page[phoneNode]
		if json.Unmarshal(raw, &p) != nil {
			return
		}
		c := fuzzClient(t)
		if after, err := p.after(); err == nil && after == "" && p.Paging.Next != "" {
			t.Error("there is a next page and no way to it")
		}
		fresh, err := unseen(p.Data, map[string]bool{}, func(n *phoneNode) string { return string(n.ID) })
		if err != nil {
			return
		}
		for i := range fresh {
			checkNumber(t, c.phoneNumber(&fresh[i], whatsapp.Reading{At: now}))
		}
	})
}

// checkNumber proves that nothing foreign gets into a label value.
func checkNumber(t *testing.T, n whatsapp.PhoneNumber) {
	if !graphID.MatchString(n.ID) {
		t.Errorf("id %q", n.ID)
	}
	for _, e := range []struct {
		v    whatsapp.Enum
		list []whatsapp.Enum
	}{
		{n.Quality, whatsapp.QualityRatings},
		{n.Status, whatsapp.PhoneStatuses},
		{n.NameStatus, whatsapp.NameStatuses},
		{n.ThroughputLevel, whatsapp.ThroughputLevels},
		{n.CodeVerificationStatus, whatsapp.CodeVerificationStatuses},
	} {
		if _, ok := whatsapp.ParseEnum(e.list, string(e.v)); !ok {
			t.Errorf("%q is not one of %v", e.v, e.list)
		}
	}
	for _, h := range n.Health {
		if h.State == "" || h.State == "available" && len(h.ErrorCodes) > 0 {
			t.Errorf("health %+v", h)
		}
	}
}

func FuzzWABA(f *testing.F) {
	f.Add([]byte(`{"id":"9001","status":"ACTIVE","business_verification_status":"verified","owner_business_info":{"id":3001},"country":"ES"}`))
	f.Add([]byte(`{"id":9001,"owner_business_info":"x","country":5,"health_status":{"entities":[{}]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var n wabaNode
		if json.Unmarshal(raw, &n) != nil {
			return
		}
		c := fuzzClient(t)
		for _, h := range c.health(n.Health, "waba", "9001") {
			if h.State == "" {
				t.Errorf("health %+v", h)
			}
		}
	})
}

func FuzzTemplates(f *testing.F) {
	f.Add([]byte(`[{"id":7001,"name":"cita","language":"es","status":"PAUSED","category":"UTILITY","quality_score":{"score":"RED","date":1}}]`))
	f.Add([]byte(`[{"quality_score":"RED"},{"status":null}]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var nodes []templateNode
		if json.Unmarshal(raw, &nodes) != nil {
			return
		}
		got := fuzzClient(t).countTemplates(nodes)
		sum := 0
		for _, n := range got.Counts {
			sum += n.Count
		}
		if sum != len(nodes) {
			t.Errorf("%d of %d templates counted", sum, len(nodes))
		}
	})
}

func FuzzProfile(f *testing.F) {
	f.Add([]byte(`{"email":"a@b","websites":["https://x"],"business_profile":{"address":1}}`))
	f.Add([]byte(`{"websites":"https://x","email":null}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var n profileNode
		if json.Unmarshal(raw, &n) == nil && n.Websites.Odd && anySet(n.Websites.V) {
			t.Error("websites of another type are set")
		}
	})
}

func FuzzToken(f *testing.F) {
	f.Add([]byte(`{"is_valid":true,"expires_at":0,"scopes":["whatsapp_business_management"],"granular_scopes":[{"scope":"whatsapp_business_management","target_ids":["9001",9002]}]}`))
	f.Add([]byte(`{"is_valid":"yes","expires_at":"soon"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var n tokenNode
		if json.Unmarshal(raw, &n) != nil || n.Valid.V == nil {
			return
		}
		for _, id := range n.wabaIDs() {
			if !graphID.MatchString(id) {
				t.Errorf("WABA id %q", id)
			}
		}
		if tok := n.token(whatsapp.Reading{At: now}, []string{managementScope}); tok.NeverExpires && !tok.Expires.IsZero() {
			t.Errorf("token %+v", tok)
		}
	})
}

func FuzzAnalytics(f *testing.F) {
	f.Add([]byte(`{"analytics":{"data_points":[{"start":1,"end":1789984800,"sent":41,"delivered":39}]},"data":[{"data_points":[{"end":1789984800,"volume":3,"pricing_type":"REGULAR"}]}]}`))
	f.Add([]byte(`{"pricing_analytics":{"data":[{}]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var n analyticsNode
		if json.Unmarshal(raw, &n) != nil {
			return
		}
		m, err := n.count(now)
		if (m == nil) == (err == nil) {
			t.Errorf("%v, %v", m, err)
		}
	})
}

func FuzzErrorsAndUsage(f *testing.F) {
	f.Add([]byte(`{"error":{"message":"(#100) Tried accessing nonexisting field (throughput) on node type (X)","code":100}}`), `{"call_count":28}`, `{"9001":[{"type":"whatsapp","call_count":1,"estimated_time_to_regain_access":5}]}`)
	f.Add([]byte(`{"error":{"message":{},"code":"1","is_transient":1}}`), `null`, `{"":[]}`)
	f.Fuzz(func(t *testing.T, body []byte, app, business string) {
		if e := errorIn(400, body); e != nil {
			if u := classify(e); u != nil && (u.Reason == "" || u.Err == nil) {
				t.Errorf("%+v", u)
			}
		}
		m := newMeter()
		m.note(http.Header{"X-App-Usage": {app}, "X-Business-Use-Case-Usage": {business}}, now)
		for _, id := range []string{appKey, "9001"} {
			p := m.pace(id, now)
			if p.factor != 1 && p.factor != 2 && p.factor != 4 || p.until.Sub(now) > 24*time.Hour {
				t.Errorf("pace %+v", p)
			}
		}
	})
}
