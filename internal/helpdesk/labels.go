package helpdesk

import "strings"

// MetaPrefix begins the name of every label that a ticket offers to relabel_configs.
const MetaPrefix = "__meta_ticket_"

// The labels a ticket offers to relabel_configs. There is none for the subject, the requester, the assignee or
// any text: they are personal data, and the exporter does not even keep them.
const (
	metaStatus    = MetaPrefix + "status"     // of the neutral model: new, open, pending, on_hold, solved, closed
	metaStatusRaw = MetaPrefix + "status_raw" // the helpdesk's own word
	metaPriority  = MetaPrefix + "priority"
	metaType      = MetaPrefix + "type"
	metaChannel   = MetaPrefix + "channel"
	metaGroup     = MetaPrefix + "group" // ids
	metaBrand     = MetaPrefix + "brand"
	metaForm      = MetaPrefix + "form"
	metaTags      = MetaPrefix + "tags"   // ",a,b,": a comma on both sides of each, so that .*,a,.* finds one
	metaField     = MetaPrefix + "field_" // and the custom field's id
)

var metaLabels = map[string]func(*Ticket) string{
	metaStatus:    func(t *Ticket) string { return string(t.Status) },
	metaStatusRaw: func(t *Ticket) string { return t.StatusRaw },
	metaPriority:  func(t *Ticket) string { return t.Priority },
	metaType:      func(t *Ticket) string { return t.Type },
	metaChannel:   func(t *Ticket) string { return t.Channel },
	metaGroup:     func(t *Ticket) string { return t.Group },
	metaBrand:     func(t *Ticket) string { return t.Brand },
	metaForm:      func(t *Ticket) string { return t.Form },
	metaTags:      joinTags,
}

// MetaLabels are the labels a ticket offers to relabel_configs, for showing them to somebody who writes such
// rules. Empty ones are left out.
func MetaLabels(t *Ticket) map[string]string {
	out := make(map[string]string)
	for name, value := range metaLabels {
		if v := value(t); v != "" {
			out[name] = v
		}
	}
	for id, v := range t.Fields {
		if v != "" {
			out[fieldLabel(id)] = v
		}
	}
	return out
}

// metaValue is the value of one label of a ticket.
func metaValue(t *Ticket, name string) string {
	if value, ok := metaLabels[name]; ok {
		return value(t)
	}
	if v, ok := t.Fields[strings.TrimPrefix(name, metaField)]; ok { // ids that are numbers are their own label
		return v
	}
	for id, v := range t.Fields {
		if fieldLabel(id) == name {
			return v
		}
	}
	return ""
}

func joinTags(t *Ticket) string {
	if len(t.Tags) == 0 {
		return ""
	}
	return "," + strings.Join(t.Tags, ",") + ","
}

// fieldLabel is the label of a custom field. Characters that a label name cannot have become underscores.
func fieldLabel(id string) string {
	return metaField + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, id)
}

// The labels that relabel_configs set.
const (
	labelPolicy   = "policy"
	labelSeverity = "severity"
	labelOrigin   = "origin"
	labelTopic    = "topic"
	labelValid    = "valid"
	labelTenant   = "tenant"
)

var resultLabels = []string{labelPolicy, labelSeverity, labelOrigin, labelTopic, labelValid, labelTenant}

// OriginExternal is the origin of a failure that is not the vendor's own.
const OriginExternal = "external"

// Validity says whether a ticket has the minimum information that a policy asks for.
type Validity int8

// The validities. ValidUnset is what a ticket has that no rule judged.
const (
	ValidUnset Validity = iota
	ValidYes
	ValidNo
)

// Assignment is what relabel_configs make of a ticket.
type Assignment struct {
	Policy   string // empty: none covers it
	Severity string // the policy's own word, number or rank for it
	Origin   string // OriginExternal, or anything else
	Topic    string
	Valid    Validity
	Tenant   string
	// Unmapped names the label whose value was not understood ("valid"), for helpdesk_unmapped_values_total.
	Unmapped string
}
