package declarative

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/upstream"
)

func TestADryRunShowsTheFirstTickets(t *testing.T) {
	d := own(t, with("  rows: .\nlookup", "  query: '{n: $size}'\n  page: {kind: offset, size: 6}\n  rows: .\nlookup",
		"map: '{id, status, updated_at: .changed}'", `map: |
  {id: .id.nr, status, status_raw: .status, updated_at: .changed, priority: .prio, tags: [.tag // empty], fields: {provider: .provider},
   created_at: .changed, first_response_at: .first,
   native: [{target: "resolution", due: .due}, {target: "first_response", due: .due, met_at: .first}, {target: "next_response", paused: .paused}]}`))
	ticket := func(id any, status string) map[string]any {
		return map[string]any{"id": id, "status": status, "changed": "2026-03-02T09:00:00Z", "customer": "carla@customer.example"}
	}
	good := ticket(map[string]any{"nr": 1}, "open")
	maps.Copy(good, map[string]any{"prio": "P1", "tag": "sev_1", "provider": "meta", "first": "2026-03-02T09:10:00Z", "due": "2026-03-02T12:00:00Z", "paused": true})
	d.says("/tickets", http.StatusOK, []any{
		good, ticket(map[string]any{"nr": 2}, "waiting"), ticket("carla", "open"), ticket(map[string]any{}, "open"), map[string]any{"id": nil}, ticket(map[string]any{"nr": 3}, "open"),
	})
	report, err := d.client.DryRun(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	want := `profile own: 6 open tickets on the first page, and there are more, 3 could not be mapped
  1: open (open), priority p1, tags sev_1, field provider meta, created 2026-03-02T09:00:00Z, first response 2026-03-02T09:10:00Z, ` +
		`first_response answered 2026-03-02T09:10:00Z, next_response paused, resolution due 2026-03-02T12:00:00Z
  2: open (waiting), created 2026-03-02T09:00:00Z
  row 3: jq: expected an object but got: string
  row 4: the mapping gives no id
  row 5: the mapping gives no id
  without first_response_at or waiting_since: 2 of 3
  without priority: 2 of 3
  without url: 3 of 3
  status: 1 values that the mapping does not know
`
	if x := cmp.Diff(want, report.String()); x != "" {
		t.Error(x)
	}
}

func TestADryRunTellsOfManyRowsBriefly(t *testing.T) {
	d := own(t, with("map: '{id, status, updated_at: .changed}'", "map: .id"))
	d.says("/tickets", http.StatusOK, agos(9))
	report, err := d.client.DryRun(t.Context(), 3)
	if err != nil || !strings.Contains(report.String(), "row 5: the mapping gives no object\n  and 4 more rows\n") {
		t.Errorf("%v\n%s", err, report)
	}
}

func TestADryRunFailsAsAPassWould(t *testing.T) {
	d := own(t, small)
	d.says("/tickets", http.StatusForbidden, map[string]any{})
	if _, err := d.client.DryRun(t.Context(), 3); upstream.ReasonOf(err) != upstream.Permission {
		t.Error(err)
	}
}
