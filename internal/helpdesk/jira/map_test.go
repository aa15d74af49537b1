package jira

import (
	"encoding/json"
	"testing"

	"whatsapp_sla_exporter/internal/sla"
)

func TestStatuses(t *testing.T) {
	for name, c := range map[string]struct {
		category, status string
		answered         bool
		want             sla.Status
		unknown          int
	}{
		"new":                       {"new", "Waiting for support", false, sla.StatusNew, 0},
		"new, and answered":         {"new", "Waiting for support", true, sla.StatusOpen, 0},
		"in progress":               {"indeterminate", "In Progress", false, sla.StatusOpen, 0},
		"waiting for the customer":  {"indeterminate", "Waiting for Customer", true, sla.StatusPending, 0},
		"pending, in the first row": {"new", "Pending", false, sla.StatusPending, 0},
		"with a vendor":             {"indeterminate", "Escalated to vendor", true, sla.StatusOnHold, 0},
		"done, whatever its name":   {"done", "Waiting for customer", true, sla.StatusSolved, 0},
		"no category":               {"undefined", "Waiting for customer", true, sla.StatusOpen, 1},
	} {
		var f fields
		f.Status.Name, f.Status.Category.Key = c.status, c.category
		unknown := 0
		if got := status(&f, c.answered, func(string, string) { unknown++ }); got != c.want || unknown != c.unknown {
			t.Errorf("%s: %s, %d unknown, want %s", name, got, unknown, c.want)
		}
	}
}

func TestValuesOfCustomFields(t *testing.T) {
	for raw, want := range map[string]string{
		`"text"`: "text", `7.5`: "7.5", `true`: "true", `{"id":"1","value":"meta"}`: "meta", `{"name":"High"}`: "High", `[{"value":"a"},{"value":"b"},"c"]`: "a,b,c",
		`null`: "", `{"id":1}`: "", `{`: "", ``: "",
	} {
		if got := value(json.RawMessage(raw)); got != want {
			t.Errorf("%s is %q, want %q", raw, got, want)
		}
	}
}
