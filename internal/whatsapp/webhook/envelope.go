package webhook

import (
	"encoding/json"
	"errors"
	"hash/maphash"
	"slices"
	"strconv"
)

var (
	errJSON     = errors.New("the body is not JSON")
	errEnvelope = errors.New("the body is not a webhook: it has no object and entry")
)

// whatsappObject is what the envelope calls webhooks of WhatsApp. An app may have subscribed to others too.
const whatsappObject = "whatsapp_business_account"

// read decodes the body of a POST that arrived at the given Unix time. Whatever is inside a webhook is taken or
// noted, never an error: to refuse it would only make Meta send it again. The reading has to be released.
func (d *decoder) read(body []byte, arrived int64) (*reading, error) {
	if !json.Valid(body) {
		return nil, errJSON
	}
	r := d.begin(body, arrived)
	object, entries := r.envelope()
	if object == "" || !entries {
		d.release(r)
		return nil, errEnvelope
	}
	if object != whatsappObject {
		r.changes = append(r.changes[:0], change{field: fieldUnknown, at: arrived, notes: []note{{"object", object}}})
	}
	return r, nil
}

func (r *reading) envelope() (object string, entries bool) {
	for more := r.open('{'); more; more = r.more() {
		switch string(r.key()) {
		case "object":
			object = string(r.text())
		case "entry":
			entries = r.peek() == '['
			for more := r.open('['); more; more = r.more() {
				r.entry()
			}
		default:
			r.skip()
		}
	}
	return object, entries
}

// entry reads one element of entry. Its keys may come in any order, so what stands beside the changes is set last.
func (r *reading) entry() {
	var waba string
	var told []byte
	first := len(r.changes)
	var colds []cold
	for more := r.open('{'); more; more = r.more() {
		switch string(r.key()) {
		case "id":
			waba = string(r.text())
		case "time":
			told = r.text()
		case "changes":
			for more := r.open('['); more; more = r.more() {
				colds = append(colds, r.change()...)
			}
		default:
			r.skip()
		}
	}
	salt, at := r.hash([]byte(waba)), seconds(told, r.arrived)
	for i := range r.changes[first:] {
		c := &r.changes[first+i]
		c.waba, c.at, c.id = waba, at, c.id^salt
	}
	for _, c := range colds {
		r.cold(&r.changes[c.index], c.value, told)
	}
}

// cold is a change that is rare, and decoded in comfort once all that stands around it is known.
type cold struct {
	index int
	value []byte
}

// change reads one element of changes. Messages are read on the way, because they are nearly all there is; that
// their field may come after the value costs nothing but the throwing away of what is none.
func (r *reading) change() []cold {
	c := change{field: fieldUnknown}
	mark := [3]int{len(r.delivered), len(r.talk), len(r.failures)}
	var value []byte
	for more := r.open('{'); more; more = r.more() {
		switch string(r.key()) {
		case "field":
			r.field(&c, r.text())
		case "value":
			r.peek()
			start := r.i
			r.messages(&c)
			value = r.b[start:min(r.i, len(r.b))]
		default:
			r.skip()
		}
	}
	if c.field == fieldMessages {
		c.delivered, c.talk, c.failures = span{mark[0], len(r.delivered)}, span{mark[1], len(r.talk)}, span{mark[2], len(r.failures)}
		c.id, c.notes = maphash.Bytes(r.seed, value), append(c.notes, c.odd...)
		r.identify(r.failures[mark[2]:], value)
		r.changes = append(r.changes, c)
		return nil
	}
	r.delivered, r.talk, r.failures = r.delivered[:mark[0]], r.talk[:mark[1]], r.failures[:mark[2]]
	r.changes = append(r.changes, c)
	return []cold{{len(r.changes) - 1, value}}
}

// identify gives the errors that belong to no message an id: the value as a whole tells a retry.
func (r *reading) identify(failures []failure, value []byte) {
	for i := range failures {
		if f := &failures[i]; f.id == 0 {
			f.id = r.hash(value, []byte(formatCode(f.code)))
		}
	}
}

func (r *reading) field(c *change, raw []byte) {
	if string(raw) == fieldMessages {
		c.field = fieldMessages
		return
	}
	i := slices.Index(fields, string(raw))
	if i < 0 {
		c.notes = append(c.notes, note{"field", string(raw)})
		return
	}
	c.field = fields[i]
}

// cold decodes a change that is not messages.
func (r *reading) cold(c *change, value, told []byte) {
	// Meta's own samples send a template's quality under the field of its status.
	if c.field == fieldTemplateStatus && hasKey(value, "new_quality_score") {
		c.field = fieldTemplateQuality
	}
	c.id = r.hash([]byte(c.waba), []byte(c.field), told, value)
	if read := coldFields[c.field]; read != nil {
		read(r, c, value)
	}
}

func hasKey(object []byte, key string) bool {
	s := scanner{b: object}
	for more := s.open('{'); more; more = s.more() {
		if string(s.key()) == key {
			return true
		}
		s.skip()
	}
	return false
}

// coldFields are how the fields other than messages are read. The rest bear on nothing that is watched here.
var coldFields = map[string]func(r *reading, c *change, value []byte){
	fieldAccountUpdate:   (*reading).accountUpdate,
	fieldAccountAlerts:   (*reading).accountAlert,
	fieldReview:          (*reading).changed,
	fieldName:            (*reading).changed,
	fieldCapability:      (*reading).changed,
	fieldQuality:         (*reading).numberUpdate,
	fieldTemplateStatus:  (*reading).templateStatus,
	fieldTemplateQuality: (*reading).templateQuality,
	fieldCategory:        (*reading).templatesChanged,
	fieldPreferences:     (*reading).preferences,
	fieldSecurity:        (*reading).security,
	fieldEchoes:          (*reading).echoes,
	fieldCalls:           (*reading).calls,
}

// changed is of something that is polled: all there is to do is to look now.
func (r *reading) changed(c *change, _ []byte) { c.hint = true }

// templatesChanged is of templates, which are polled seldom.
func (r *reading) templatesChanged(c *change, _ []byte) { c.templates = true }

func formatCode(code int64) string { return strconv.FormatInt(code, 10) }
