package alerts

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/alertmanager/api/v2/models"
)

func note(ticket, state string) message {
	a := &models.PostableAlert{}
	a.Labels = models.LabelSet{"state": state}
	return message{key: Key{Ticket: ticket}, alert: a}
}

func notes(messages []message) []string {
	out := make([]string, len(messages))
	for i, m := range messages {
		out[i] = m.key.Ticket + " " + m.alert.Labels["state"]
	}
	return out
}

func TestQueue(t *testing.T) {
	for _, tt := range []struct {
		name    string
		do      func(q *queue) (dropped int)
		dropped int
		want    []string
	}{
		{
			"holds messages in order",
			func(q *queue) int { return q.put([]message{note("1", "old"), note("2", "old")}) },
			0,
			[]string{"1 old", "2 old"},
		},
		{
			"holds an alert once, in its latest state",
			func(q *queue) int {
				return q.put([]message{note("1", "old"), note("2", "old")}) + q.put([]message{note("1", "new")})
			},
			0,
			[]string{"1 new", "2 old"},
		},
		{
			"drops the oldest beyond its capacity",
			func(q *queue) int {
				return q.put([]message{note("1", "old"), note("2", "old"), note("3", "old"), note("4", "old")})
			},
			1,
			[]string{"2 old", "3 old", "4 old"},
		},
		{
			"takes a batch back in front",
			func(q *queue) int {
				q.put([]message{note("1", "old"), note("2", "old"), note("3", "old")})
				return q.restore(q.take(2))
			},
			0,
			[]string{"1 old", "2 old", "3 old"},
		},
		{
			"does not let a batch that comes back replace later news",
			func(q *queue) int {
				q.put([]message{note("1", "old"), note("2", "old")})
				batch := q.take(2)
				q.put([]message{note("2", "new")})
				return q.restore(batch)
			},
			0,
			[]string{"1 old", "2 new"},
		},
		{
			"drops of a batch that comes back what has no room",
			func(q *queue) int {
				q.put([]message{note("1", "old"), note("2", "old")})
				batch := q.take(2)
				q.put([]message{note("3", "new"), note("4", "new")})
				return q.restore(batch)
			},
			1,
			[]string{"2 old", "3 new", "4 new"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := newQueue(3)
			if got := tt.do(q); got != tt.dropped {
				t.Errorf("dropped %d, want %d", got, tt.dropped)
			}
			if n := q.length(); n != len(tt.want) {
				t.Errorf("length %d, want %d", n, len(tt.want))
			}
			if d := cmp.Diff(tt.want, notes(q.take(10))); d != "" {
				t.Errorf("queue (-want +got):\n%s", d)
			}
			if len(q.waiting) != 0 {
				t.Errorf("%d messages stayed behind", len(q.waiting))
			}
		})
	}
}
