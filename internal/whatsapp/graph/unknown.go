package graph

import (
	"maps"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// unknowns counts the values that no list has, by field.
type unknowns map[string]uint64

// add counts a value and has it logged once, cut short: it is whatever an upstream invented.
func (u *unknowns) add(field, raw string, c *Client) {
	if *u == nil {
		*u = unknowns{}
	}
	(*u)[field]++
	if r := []rune(raw); len(r) > 40 {
		raw = string(r[:40])
	}
	c.warnOnce("value "+field+" "+raw, "msg", "a value that this version does not know; it is shown as unknown", "field", field, "value", raw)
}

func (u unknowns) copy() map[string]uint64 { return maps.Clone(u) }

// enum reads a value of a list.
func (c *Client) enum(list []whatsapp.Enum, field string, raw loose.Text) whatsapp.Enum {
	e, ok := whatsapp.ParseEnum(list, string(raw))
	if !ok {
		c.unknown.add(field, string(raw), c)
	}
	return e
}

// quality reads a rating.
func (c *Client) quality(field string, raw loose.Text) whatsapp.Enum {
	e, ok := whatsapp.ParseQuality(string(raw))
	if !ok {
		c.unknown.add(field, string(raw), c)
	}
	return e
}

// odd counts a field that has another type than the documented one.
func (c *Client) odd(field string, isOdd bool) {
	if isOdd {
		c.unknown.add(field, "another type", c)
	}
}
