package feed

import (
	"encoding/json"
	"strings"
	"unique"

	"whatsapp_sla_exporter/internal/loose"
)

// Fields keeps those of a ticket's custom fields that somebody asked for, as text. Empty ones are left out, and
// without any there is no map.
func Fields(all map[string]json.RawMessage, keep func(name string) bool) map[string]string {
	var out map[string]string
	for name, raw := range all {
		v := scalar(raw)
		if v == "" || !keep(name) {
			continue
		}
		if out == nil {
			out = make(map[string]string)
		}
		out[Intern(name)] = Intern(v)
	}
	return out
}

// scalar is a text, a number or a boolean as text; several of them have commas between. Null and objects are empty.
func scalar(raw json.RawMessage) string {
	var list []json.RawMessage
	var text loose.Text
	switch {
	case json.Unmarshal(raw, &list) == nil && list != nil:
		parts := make([]string, len(list))
		for i, e := range list {
			parts[i] = scalar(e)
		}
		return strings.Join(parts, ",")
	case len(raw) > 0 && raw[0] != '{':
		_ = text.UnmarshalJSON(raw) // which never fails
	}
	return string(text)
}

// Intern keeps one copy of what many tickets have in common.
func Intern(s string) string { return unique.Make(s).Value() }
