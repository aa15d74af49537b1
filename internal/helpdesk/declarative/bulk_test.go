package declarative

import (
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/helpdesk"
)

// A bulk edit changes more tickets in a minute than a pass reads. The next passes must not read them for ever: they go on
// with what changes from then on, and all open tickets tell the rest.
func TestManyTicketsThatChangedAtOnceDoNotHoldUpLaterChanges(t *testing.T) {
	d := own(t, with("  rows: .\n  watermark: .changed\n", `  query: '{since: $since, o: $offset, n: $size}'
  page: {kind: offset, size: 2, max: 3}
  rows: .
  watermark: .changed
  overlap: 2m
`))
	rows := make([]map[string]any, 8)
	for i := range rows {
		rows[i] = ago(i+1, 10)
	}
	d.on("/tickets", func(r *http.Request) (int, http.Header, any) {
		number := func(name string) int {
			v, _ := strconv.ParseFloat(r.URL.Query().Get(name), 64)
			return int(v)
		}
		found := slices.DeleteFunc(slices.Clone(rows), func(row map[string]any) bool {
			return int(at(row["changed"].(string)).Unix()) < number("since")
		})
		from := min(number("o"), len(found))
		return http.StatusOK, nil, found[from:min(from+number("n"), len(found))]
	})
	type told struct {
		IDs       []string
		More, Gap bool
	}
	var got []told
	cursor := watermark(epoch.Add(-time.Hour))
	for n := range 5 {
		if n == 4 { // later than the overlap reaches
			rows[0] = ago(1, -int(d.Now().Sub(epoch)/time.Second))
			rows = append(rows[1:], rows[0])
		}
		p := must[*helpdesk.Pass](t)(d.client.Changes(t.Context(), cursor))
		got, cursor = append(got, told{ids(p), p.More, p.Gap}), p.Cursor
		d.pass(time.Minute)
	}
	want := []told{
		{numbers(1, 6), true, false},
		{numbers(1, 6), false, true},
		{numbers(1, 6), false, true},
		{[]string{}, false, false},
		{[]string{"1"}, false, false},
	}
	if x := cmp.Diff(want, got); x != "" {
		t.Error(x)
	}
}
