package zendesk

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// incrementalMetricEvents is the export of metric events by time: those that occurred at start_time or later, in that
// order. Breaches that are announced have a time to come, and are the last. A page ends with a whole second, because
// that is where the next one begins. Its next_page never ends, and nothing says that it was the last. With
// include_changes it is the same, because here events are only withdrawn before their time.
func (s *Server) incrementalMetricEvents(r *http.Request, role Role) (any, *refusal) {
	if no := forAdmins(role); no != nil {
		return nil, no
	}
	start, no := s.startTime(r)
	if no != nil {
		return nil, no
	}
	events := s.eventsSince(start, r.URL.Query().Get("exclude_deleted") == "true")
	n := min(len(events), s.o.EventPage)
	for n < len(events) && n > 0 && events[n].Time.Unix() == events[n-1].Time.Unix() {
		n++
	}
	events = events[:n]
	out := map[string]any{"ticket_metric_events": events, "count": n, "end_time": nil, "next_page": nil}
	if n > 0 {
		end := events[n-1].Time.Unix()
		out["end_time"] = end
		out["next_page"] = fmt.Sprintf("http://%s/api/v2/incremental/ticket_metric_events.json?start_time=%d", r.Host, end)
	}
	return out, nil
}

func (s *Server) eventsSince(start time.Time, living bool) []event {
	until := s.o.Now().Add(-s.o.EventDelay)
	out := []event{}
	for _, t := range s.tickets {
		if t.deleted && living {
			continue
		}
		for _, e := range t.events {
			if e.at.After(until) || e.Time.Before(start) {
				continue
			}
			v := *e
			v.Time = v.Time.UTC()
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b event) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.ID, b.ID)) })
	return out
}
