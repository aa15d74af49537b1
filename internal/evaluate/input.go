package evaluate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"whatsapp_sla_exporter/config"
	"whatsapp_sla_exporter/internal/sla"
)

// input is one ticket as it is read. Only ID, Policy and OpenedAt must be there.
type input struct {
	ID, Policy, Severity, Topic, Origin string
	Status                              sla.Status
	Valid                               *bool

	OpenedAt, FirstResponseAt, LastAgentReplyAt, WaitingSince, LastCustomerMessageAt, ResolvedAt time.Time

	OutstandingRequests int
	Pauses              []pause
	Place               config.Place
}

// pause is a stretch in which the ticket waited for somebody else, or was solved before it was reopened.
type pause struct{ sla.Span }

// UnmarshalJSON reads {from, to}, and status where the policy makes a difference between pending and on_hold.
func (p *pause) UnmarshalJSON(raw []byte) error {
	return object(raw, map[string]any{"from": &p.From, "to": &p.To, "status": &p.Status})
}

// decode reads a line. It is as strict as can be: what is misspelt would otherwise count for nothing.
func decode(line []byte) (*input, error) {
	in := &input{}
	err := object(line, map[string]any{
		"id": &in.ID, "policy": &in.Policy, "severity": &in.Severity, "topic": &in.Topic, "origin": &in.Origin,
		"status": &in.Status, "valid": &in.Valid,
		"opened_at": &in.OpenedAt, "first_response_at": &in.FirstResponseAt, "last_agent_reply_at": &in.LastAgentReplyAt,
		"waiting_since": &in.WaitingSince, "last_customer_message_at": &in.LastCustomerMessageAt, "resolved_at": &in.ResolvedAt,
		"outstanding_requests": &in.OutstandingRequests, "pauses": &in.Pauses,
		"country": &in.Place.Country, "region": &in.Place.Region, "time_zone": &in.Place.TimeZone,
	})
	if err != nil {
		return nil, err
	}
	return in, in.check()
}

// object reads a JSON object into the values of its keys. Keys that it does not know, that differ in case, or that
// come twice are errors; null is as good as nothing.
func object(raw []byte, fields map[string]any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return notJSON(err)
	}
	seen := make(map[string]bool)
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return notJSON(err)
		}
		key, _ := t.(string)
		to, known := fields[key]
		switch {
		case !known:
			return fmt.Errorf("unknown key %q", key)
		case seen[key]:
			return fmt.Errorf("key %q comes twice", key)
		}
		seen[key] = true
		if err := d.Decode(to); err != nil {
			return fmt.Errorf("%s: %w", key, wrongValue(to, err))
		}
	}
	if _, err := d.Token(); err != nil {
		return notJSON(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return nil
}

func notJSON(err error) error {
	switch {
	case err == nil:
		return errors.New("not a JSON object")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("not a JSON object: it ends in the middle")
	}
	return fmt.Errorf("not a JSON object: %w", err)
}

// wrongValue says what should have been there.
func wrongValue(to any, err error) error {
	if _, syntax := errors.AsType[*json.SyntaxError](err); syntax || errors.Is(err, io.ErrUnexpectedEOF) {
		return notJSON(err)
	}
	switch to.(type) {
	case *time.Time:
		return errors.New("want a time such as 2026-01-09T21:00:00+01:00")
	case *string, *sla.Status:
		return errors.New("want text in quotes")
	case **bool:
		return errors.New("want true or false")
	case *int:
		return errors.New("want a whole number")
	}
	if _, wrong := errors.AsType[*json.UnmarshalTypeError](err); wrong {
		return errors.New("want a list of objects with from and to")
	}
	return err // of an object in the list
}

// check refuses what is well-formed but makes no sense.
func (in *input) check() error {
	statuses := append(slices.Clone(sla.OpenStatuses), sla.StatusSolved, sla.StatusClosed)
	switch {
	case in.ID == "":
		return errors.New("id is missing")
	case in.Policy == "":
		return errors.New("policy is missing")
	case in.OpenedAt.IsZero():
		return errors.New("opened_at is missing")
	case in.Status != "" && !slices.Contains(statuses, in.Status):
		return fmt.Errorf("status %q: want one of %s", in.Status, list(statuses))
	case in.OutstandingRequests < 0:
		return fmt.Errorf("outstanding_requests %d: must not be negative", in.OutstandingRequests)
	}
	slices.SortStableFunc(in.Pauses, func(a, b pause) int { return a.From.Compare(b.From) })
	for i, p := range in.Pauses {
		switch {
		case p.From.IsZero():
			return errors.New("pauses: from is missing")
		case p.To.IsZero() && i < len(in.Pauses)-1:
			return fmt.Errorf("pauses: the one from %s has no end, but there is a later one", p.From.Format(time.RFC3339))
		case !p.To.IsZero() && p.To.Before(p.From):
			return fmt.Errorf("pauses: the one from %s ends before it begins", p.From.Format(time.RFC3339))
		case p.Status != "" && !slices.Contains(statuses, p.Status):
			return fmt.Errorf("pauses: status %q: want one of %s", p.Status, list(statuses))
		}
	}
	return nil
}

func list(statuses []sla.Status) string {
	texts := make([]string, len(statuses))
	for i, s := range statuses {
		texts[i] = string(s)
	}
	return strings.Join(texts, ", ")
}

// ticket is what the clock has to know. A ticket is taken to be on WhatsApp: that only matters to policies with a
// service window.
func (in *input) ticket() *sla.Ticket {
	t := &sla.Ticket{
		Severity: in.Severity, Topic: in.Topic, Status: in.Status,
		External: strings.EqualFold(in.Origin, "external"), Invalid: in.Valid != nil && !*in.Valid, WhatsApp: true,
		OpenedAt: in.OpenedAt, FirstResponseAt: in.FirstResponseAt, LastAgentReplyAt: in.LastAgentReplyAt,
		WaitingSince: in.WaitingSince, LastCustomerMessageAt: in.LastCustomerMessageAt, ResolvedAt: in.ResolvedAt,
		OutstandingRequests: in.OutstandingRequests,
	}
	for _, p := range in.Pauses {
		t.Pauses = append(t.Pauses, p.Span)
	}
	return t
}

// idOf is the id of a line that is no good, where that can be read all the same.
func idOf(line []byte) string {
	d := json.NewDecoder(bytes.NewReader(line))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return ""
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return ""
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return ""
		}
		var id string
		if key == "id" && json.Unmarshal(value, &id) == nil {
			return id
		}
	}
	return ""
}
