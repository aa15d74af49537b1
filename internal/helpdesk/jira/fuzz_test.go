package jira

import (
	"testing"

	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/upstream"
)

func FuzzIssue(f *testing.F) {
	f.Add([]byte(`{"key":"SUP-1","fields":{"status":{"name":"x","statusCategory":{"key":"done"}},"labels":["a"],"created":"2026-03-02T08:15:00.000+0000","customfield_1":{"ongoingCycle":{"startTime":{"epochMillis":1}}},"comment":{"total":2,"comments":[{"created":"x"}]}}}`))
	f.Add([]byte(`{"key":"SUP-1","fields":{"status":null,"labels":"x","priority":[],"comment":7,"reporter":"x","customfield_1":[1],"customfield_2":{"value":1}}}`))
	c, err := New(Options{Upstream: upstream.Options{BaseURL: "https://acme.atlassian.net"}})
	if err != nil {
		f.Fatal(err)
	}
	s := site{slas: map[string]sla.Target{"customfield_1": sla.Resolution}, custom: []string{"customfield_2"}}
	f.Fuzz(func(t *testing.T, raw []byte) {
		i, err := readIssue(raw)
		if err != nil || i.Key == "" {
			return
		}
		v := c.ticket(i, &s, talk(i.Fields.Comment.V.Comments, i.Fields.Reporter.V.AccountID), func(string, string) {})
		if v.Status == "" || v.ID == "" {
			t.Errorf("%+v", v)
		}
		for _, n := range v.Native {
			if n.Due.IsZero() != n.Paused {
				t.Errorf("a clock with a due is paused, or one without runs: %+v", n)
			}
		}
	})
}

// FuzzFailure reads any bytes as an error.
func FuzzFailure(f *testing.F) {
	f.Add([]byte(`{"errorMessages":["a"],"errors":{"jql":"b"}}`))
	f.Add([]byte(`{"message":"x"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e := check(&upstream.Response{Status: 500, Body: body})
		if e == nil || e.Reason != upstream.Server || e.Err.Error() == "" {
			t.Errorf("%v", e)
		}
	})
}
