package graph

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/whatsapp"
)

// askAgain is how long a refused field is left out: Meta may bring it back, or may have been wrong.
const askAgain = 24 * time.Hour

// fieldSets remembers, by endpoint, the fields that the API refused. Graph answers a request with one field it
// does not know by an error and nothing else, so they must not be asked for.
type fieldSets struct {
	refused map[whatsapp.UnsupportedField]time.Time
}

// ask is the part of fields that may be asked for at now.
func (s *fieldSets) ask(endpoint string, fields []string, now time.Time) []string {
	out := make([]string, 0, len(fields))
	for _, f := range fields {
		if !s.isRefused(endpoint, f, now) {
			out = append(out, f)
		}
	}
	return out
}

func (s *fieldSets) isRefused(endpoint, field string, now time.Time) bool {
	at, ok := s.refused[whatsapp.UnsupportedField{Endpoint: endpoint, Field: fieldName(field)}]
	return ok && now.Sub(at) < askAgain
}

// refuse notes that the API does not know field. It is false when the field was not asked for, or was refused
// already: then asking again would not help.
func (s *fieldSets) refuse(endpoint string, asked []string, field string, now time.Time) bool {
	if !slices.ContainsFunc(asked, func(f string) bool { return fieldName(f) == field }) {
		return false
	}
	if s.refused == nil {
		s.refused = map[whatsapp.UnsupportedField]time.Time{}
	}
	s.refused[whatsapp.UnsupportedField{Endpoint: endpoint, Field: field}] = now
	return true
}

// list is what is left out at now, sorted.
func (s *fieldSets) list(now time.Time) []whatsapp.UnsupportedField {
	var out []whatsapp.UnsupportedField
	for f, at := range s.refused {
		if now.Sub(at) < askAgain {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b whatsapp.UnsupportedField) int {
		return cmp.Or(cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Field, b.Field))
	})
	return out
}

// fieldName cuts the parameters off an expanded field: analytics.start(1).end(2).
func fieldName(field string) string {
	name, _, _ := strings.Cut(field, ".")
	return name
}
