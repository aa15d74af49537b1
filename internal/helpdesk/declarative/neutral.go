package declarative

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unique"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
)

// The limits of a mapped ticket. More than that is a mistake of the mapping, or an upstream that lies.
const (
	maxText  = 2048 // bytes
	maxItems = 500  // tags, fields, pauses
)

// decoder reads what a mapping made of a row.
type decoder struct {
	times   *times
	now     time.Time
	keep    func(string) bool
	t       helpdesk.Ticket
	unknown []string
}

// readers are the keys that a mapping may give, by their names in the ticket model.
var readers = map[string]func(*decoder, any) error{
	"id":                       text(func(d *decoder) *string { return &d.t.ID }),
	"url":                      text(func(d *decoder) *string { return &d.t.URL }),
	"channel":                  word(func(d *decoder) *string { return &d.t.Channel }, true),
	"status":                   (*decoder).status,
	"status_raw":               word(func(d *decoder) *string { return &d.t.StatusRaw }, false),
	"priority":                 word(func(d *decoder) *string { return &d.t.Priority }, true),
	"type":                     word(func(d *decoder) *string { return &d.t.Type }, false),
	"group":                    word(func(d *decoder) *string { return &d.t.Group }, false),
	"brand":                    word(func(d *decoder) *string { return &d.t.Brand }, false),
	"form":                     word(func(d *decoder) *string { return &d.t.Form }, false),
	"tags":                     (*decoder).tags,
	"fields":                   (*decoder).fields,
	"created_at":               instant("created_at", func(d *decoder) *time.Time { return &d.t.CreatedAt }),
	"updated_at":               (*decoder).updated,
	"solved_at":                instant("solved_at", func(d *decoder) *time.Time { return &d.t.SolvedAt }),
	"waiting_since":            instant("waiting_since", func(d *decoder) *time.Time { return &d.t.WaitingSince }),
	"first_response_at":        instant("first_response_at", func(d *decoder) *time.Time { return &d.t.FirstResponseAt }),
	"last_agent_reply_at":      instant("last_agent_reply_at", func(d *decoder) *time.Time { return &d.t.LastAgentReplyAt }),
	"last_customer_message_at": instant("last_customer_message_at", func(d *decoder) *time.Time { return &d.t.LastCustomerMessageAt }),
	"pauses":                   (*decoder).pauses,
	"native":                   (*decoder).native,
	"gone":                     (*decoder).gone,
	"unmapped":                 (*decoder).unmapped,
}

// ticket decodes a ticket. Unknown lists the fields whose values are not understood.
func (t *times) ticket(v any, keep func(string) bool, now time.Time) (_ helpdesk.Ticket, unknown []string, err error) {
	object, ok := v.(map[string]any)
	if !ok {
		return helpdesk.Ticket{}, nil, errors.New("the mapping gives no object")
	}
	d := &decoder{times: t, now: now, keep: keep}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		read, ok := readers[key]
		if !ok {
			return helpdesk.Ticket{}, nil, fmt.Errorf("the mapping gives %q: a ticket has %s", key, strings.Join(slices.Sorted(maps.Keys(readers)), ", "))
		}
		if err := read(d, object[key]); err != nil {
			return helpdesk.Ticket{}, nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	if d.t.ID == "" {
		return helpdesk.Ticket{}, nil, errors.New("the mapping gives no id")
	}
	if d.t.Status == "" && !d.t.Gone { // a ticket nobody watches is worse than one somebody watches in vain
		d.t.Status = sla.StatusOpen
		d.unknown = append(d.unknown, "status")
	}
	return d.t, d.unknown, nil
}

func text(to func(*decoder) *string) func(*decoder, any) error {
	return func(d *decoder, v any) error {
		if v == nil {
			return nil
		}
		s, ok := scalar(v)
		if !ok {
			return errors.New("want a text or a number")
		}
		if len(s) > maxText {
			return fmt.Errorf("longer than %d bytes", maxText)
		}
		*to(d) = s
		return nil
	}
}

// word is a text that many tickets have in common: one copy of it is kept.
func word(to func(*decoder) *string, lower bool) func(*decoder, any) error {
	read := text(to)
	return func(d *decoder, v any) error {
		err := read(d, v)
		s := *to(d)
		if lower {
			s = strings.ToLower(s)
		}
		*to(d) = unique.Make(s).Value()
		return err
	}
}

// instant is a time. One that is not understood is counted, and does not cost the row.
func instant(name string, to func(*decoder) *time.Time) func(*decoder, any) error {
	return func(d *decoder, v any) error {
		*to(d) = d.time(name, v)
		return nil
	}
}

// updated is when the ticket changed, by which a row is newer than another.
func (d *decoder) updated(v any) error {
	at, ok := d.times.readBy(v, d.now)
	if d.t.UpdatedAt = at; !ok {
		d.unknown = append(d.unknown, "updated_at")
	}
	return nil
}

func (d *decoder) time(name string, v any) time.Time {
	at, ok := d.times.read(v)
	if !ok {
		d.unknown = append(d.unknown, name)
	}
	return at
}

func (d *decoder) status(v any) error {
	s, _ := scalar(v)
	for _, known := range append(slices.Clone(sla.OpenStatuses), sla.StatusSolved, sla.StatusClosed) {
		if s == string(known) {
			d.t.Status = known
		}
	}
	return nil
}

func (d *decoder) items(v any) ([]any, error) {
	if v == nil {
		return nil, nil
	}
	items, ok := v.([]any)
	if !ok {
		return nil, errors.New("want a list")
	}
	if len(items) > maxItems {
		return nil, fmt.Errorf("more than %d", maxItems)
	}
	return items, nil
}

func (d *decoder) tags(v any) error {
	items, err := d.items(v)
	if err != nil {
		return err
	}
	for _, e := range items {
		var tag string
		if err := word(func(*decoder) *string { return &tag }, false)(d, e); err != nil {
			return err
		}
		d.t.Tags = append(d.t.Tags, tag)
	}
	return nil
}

// fields keeps the custom fields that somebody asked for. Several values have commas between.
func (d *decoder) fields(v any) error {
	if v == nil {
		return nil
	}
	object, ok := v.(map[string]any)
	if !ok {
		return errors.New("want an object")
	}
	for id, value := range object {
		if value == nil || !d.keep(id) {
			continue
		}
		if len(d.t.Fields) >= maxItems {
			return fmt.Errorf("more than %d", maxItems)
		}
		s, ok := scalar(value)
		if list, isList := value.([]any); isList {
			s, ok = joinScalars(list), true
		}
		if !ok || len(s) > maxText {
			d.unknown = append(d.unknown, "fields")
			continue
		}
		if s == "" {
			continue
		}
		if d.t.Fields == nil {
			d.t.Fields = make(map[string]string)
		}
		d.t.Fields[unique.Make(id).Value()] = unique.Make(s).Value()
	}
	return nil
}

func joinScalars(list []any) string {
	var parts []string
	for _, e := range list {
		if s, ok := scalar(e); ok {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ",")
}

// part is an object in a list, of which each key must be known.
func part(v any, known ...string) (map[string]any, error) {
	object, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("want objects")
	}
	for key := range object {
		if !slices.Contains(known, key) {
			return nil, fmt.Errorf("has %q: want %s", key, strings.Join(known, ", "))
		}
	}
	return object, nil
}

func (d *decoder) pauses(v any) error {
	items, err := d.items(v)
	if err != nil || v == nil {
		return err
	}
	d.t.PausesKnown = true
	for _, e := range items {
		o, err := part(e, "from", "to", "status")
		if err != nil {
			return err
		}
		status, _ := o["status"].(string)
		span := sla.Span{From: d.time("pauses", o["from"]), To: d.time("pauses", o["to"]), Status: sla.Status(status)}
		if !span.From.IsZero() {
			d.t.Pauses = append(d.t.Pauses, span)
		}
	}
	slices.SortFunc(d.t.Pauses, func(a, b sla.Span) int { return a.From.Compare(b.From) })
	return nil
}

// native reads the helpdesk's own clocks. One that is neither paused nor has a due says nothing. Of two for the same
// target, one that runs stands before one that is paused, and that before one that was met; then the earlier due.
func (d *decoder) native(v any) error {
	items, err := d.items(v)
	if err != nil {
		return err
	}
	for _, e := range items {
		o, err := part(e, "target", "start", "due", "paused", "met_at")
		if err != nil {
			return err
		}
		target, _ := o["target"].(string)
		if !slices.Contains(sla.Targets, sla.Target(target)) {
			return fmt.Errorf("target: want one of %v", sla.Targets)
		}
		n := helpdesk.NativeTarget{
			Target: sla.Target(target), Start: d.time("native", o["start"]), Due: d.time("native", o["due"]), MetAt: d.time("native", o["met_at"]),
		}
		if o["paused"] == true && n.MetAt.IsZero() {
			n.Paused, n.Due = true, time.Time{} // a paused clock has no due, whatever the row still says
		}
		if n.Paused || !n.Due.IsZero() {
			d.t.Native = merge(d.t.Native, n)
		}
	}
	slices.SortFunc(d.t.Native, func(a, b helpdesk.NativeTarget) int {
		return slices.Index(sla.Targets, a.Target) - slices.Index(sla.Targets, b.Target)
	})
	return nil
}

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

func (d *decoder) gone(v any) error {
	d.t.Gone = v == true
	return nil
}

// unmapped is the mapping's own list of fields whose values it does not know.
func (d *decoder) unmapped(v any) error {
	items, err := d.items(v)
	if err != nil {
		return err
	}
	for _, e := range items {
		if name, ok := e.(string); ok && nameRE.MatchString(name) {
			d.unknown = append(d.unknown, name)
		}
	}
	return nil
}
