package jira

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/sla"
)

// The statuses of Jira are each site's own; what they have in common is one of three categories. Which of those in
// the middle wait for somebody, only their names tell: these are those of Jira's templates, and their kin.
var (
	waitsForCustomer = regexp.MustCompile(`(?i)customer|pending|reporter|requester`)
	waitsForOthers   = regexp.MustCompile(`(?i)hold|vendor|supplier|third.?party|partner`)
)

// ticket translates an issue with its conversation. Unknown is told of what the mapping does not know.
func (c *Client) ticket(i *issue, s *site, talk conversation, unknown func(field, value string)) helpdesk.Ticket {
	f := &i.Fields
	t := helpdesk.Ticket{
		ID: i.Key, URL: c.base + "/browse/" + i.Key, StatusRaw: feed.Intern(f.Status.Name),
		Priority: feed.Intern(strings.ToLower(f.Priority.V.Name)), Type: feed.Intern(f.Type.V.Name), Group: feed.Intern(f.Project.V.Key),
		CreatedAt: f.Created.Time, UpdatedAt: f.Updated.Time,
		FirstResponseAt: talk.first, LastAgentReplyAt: talk.last, LastCustomerMessageAt: feed.Later(f.Created.Time, talk.customer),
	}
	for _, label := range f.Labels.V {
		t.Tags = append(t.Tags, feed.Intern(label))
	}
	t.Native = natives(i, s.slas, unknown)
	if met := answeredBy(t.Native); t.FirstResponseAt.IsZero() && !talk.known {
		t.FirstResponseAt = met
	}
	t.Status = status(f, !t.FirstResponseAt.IsZero(), unknown)
	switch {
	case t.Status.Done():
		t.SolvedAt = firstSet(f.Resolved.Time, f.StatusChanged.Time, f.Updated.Time)
	case t.FirstResponseAt.IsZero():
		t.WaitingSince = f.Created.Time
	default:
		t.WaitingSince = talk.waiting
	}
	t.Fields = keep(i, s.custom)
	return t
}

func status(f *fields, answered bool, unknown func(field, value string)) sla.Status {
	switch key := f.Status.Category.Key; {
	case key == "done":
		return sla.StatusSolved
	case key != "new" && key != "indeterminate":
		unknown("status", key)
		return sla.StatusOpen
	case waitsForCustomer.MatchString(f.Status.Name):
		return sla.StatusPending
	case waitsForOthers.MatchString(f.Status.Name):
		return sla.StatusOnHold
	case key == "new" && !answered:
		return sla.StatusNew
	}
	return sla.StatusOpen
}

// natives reads the SLA clocks. A field without an object is a clock that no goal of the SLA covers.
func natives(i *issue, slas map[string]sla.Target, unknown func(field, value string)) []helpdesk.NativeTarget {
	var out []helpdesk.NativeTarget
	for id, target := range slas {
		raw, ok := i.custom[id]
		if !ok {
			continue
		}
		var k slaClock
		if json.Unmarshal(raw, &k) != nil {
			unknown("sla", "")
			continue
		}
		if n, ok := native(&k); ok {
			n.Target = target
			out = merge(out, n)
		}
	}
	slices.SortFunc(out, func(a, b helpdesk.NativeTarget) int {
		return slices.Index(sla.Targets, a.Target) - slices.Index(sla.Targets, b.Target)
	})
	return out
}

// native is the cycle that runs, or else the last that ended: one that was reopened has several.
func native(k *slaClock) (n helpdesk.NativeTarget, ok bool) {
	switch {
	case k.Ongoing != nil && k.Ongoing.Paused: // whatever breach time it still shows
		return helpdesk.NativeTarget{Start: k.Ongoing.Start.Time, Paused: true}, true
	case k.Ongoing != nil:
		n = helpdesk.NativeTarget{Start: k.Ongoing.Start.Time, Due: k.Ongoing.Breach.Time}
	case len(k.Completed) > 0:
		last := k.Completed[len(k.Completed)-1]
		n = helpdesk.NativeTarget{Start: last.Start.Time, Due: last.Breach.Time, MetAt: last.Stop.Time}
		if n.MetAt.IsZero() {
			return n, false
		}
	}
	return n, !n.Due.IsZero()
}

// merge adds a clock. Of two for the same target, one that runs stands before one that is paused, and that before one
// that was met; then the earlier due.
func merge(list []helpdesk.NativeTarget, n helpdesk.NativeTarget) []helpdesk.NativeTarget {
	i := slices.IndexFunc(list, func(have helpdesk.NativeTarget) bool { return have.Target == n.Target })
	if i < 0 {
		return append(list, n)
	}
	if have := list[i]; rank(n) < rank(have) || rank(n) == rank(have) && n.Due.Before(have.Due) {
		list[i] = n
	}
	return list
}

func rank(n helpdesk.NativeTarget) int {
	switch {
	case n.MetAt.IsZero() && !n.Paused:
		return 0
	case n.Paused:
		return 1
	}
	return 2
}

// answeredBy is when the clock of the first response was stopped; zero while it was not.
func answeredBy(list []helpdesk.NativeTarget) time.Time {
	for _, n := range list {
		if n.Target == sla.FirstResponse {
			return n.MetAt
		}
	}
	return time.Time{}
}

// keep takes the custom fields that somebody asked for.
func keep(i *issue, ids []string) map[string]string {
	var out map[string]string
	for _, id := range ids {
		v := value(i.custom[id])
		if v == "" {
			continue
		}
		if out == nil {
			out = make(map[string]string)
		}
		out[feed.Intern(id)] = feed.Intern(v)
	}
	return out
}

// value is the text of a custom field: a text, a number, a choice (its value or name), or several with commas between.
func value(raw json.RawMessage) string {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return ""
	}
	switch x := v.(type) {
	case string:
		return x
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(x)
	case map[string]any:
		for _, key := range []string{"value", "name"} {
			if s, ok := x[key].(string); ok {
				return s
			}
		}
	case []any:
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) != nil {
			return ""
		}
		var parts []string
		for _, e := range list {
			if s := value(e); s != "" {
				parts = append(parts, s)
			}
		}
		return strings.Join(parts, ",")
	}
	return ""
}

func firstSet(all ...time.Time) time.Time {
	for _, t := range all {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}
