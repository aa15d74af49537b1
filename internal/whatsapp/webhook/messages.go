package webhook

import (
	"whatsapp_sla_exporter/internal/whatsapp/recipients"
	"whatsapp_sla_exporter/internal/whatsapp/servicewindow"
)

// messages reads the value of a messages change, or of what may turn out to be one.
func (r *reading) messages(c *change) {
	for more := r.open('{'); more; more = r.more() {
		switch string(r.key()) {
		case "metadata":
			r.metadata(c)
		case "statuses":
			for more := r.open('['); more; more = r.more() {
				r.status(c)
			}
		case "messages":
			for more := r.open('['); more; more = r.more() {
				r.inbound()
			}
		case "errors":
			for more := r.open('['); more; more = r.more() { // of the number and not of one message
				r.failures = append(r.failures, failure{code: r.errorCode()})
			}
		default:
			r.skip()
		}
	}
}

func (r *reading) metadata(c *change) {
	for more := r.open('{'); more; more = r.more() {
		if string(r.key()) == "phone_number_id" {
			c.phone = r.phoneID(r.text())
		} else {
			r.skip()
		}
	}
}

// status is what an element of statuses says.
type status struct {
	id, status, at     []byte
	recipient, altered []byte
	outside            bool // of any service window
}

func (r *reading) status(c *change) {
	var s status
	first := len(r.failures)
	for more := r.open('{'); more; more = r.more() {
		switch string(r.key()) {
		case "id":
			s.id = r.text()
		case "status":
			s.status = r.text()
		case "timestamp":
			s.at = r.text()
		case "recipient_id":
			s.recipient = r.text()
		case "recipient_user_id": // from 2026 on people may be told by a business-scoped id alone
			s.altered = r.text()
		case "pricing":
			s.outside = r.outside(c)
		case "errors":
			for more := r.open('['); more; more = r.more() {
				r.failures = append(r.failures, failure{code: r.errorCode()})
			}
		default:
			r.skip()
		}
	}
	if s.recipient == nil {
		s.recipient = s.altered
	}
	r.outbound(c, s, first)
}

// outbound takes a status whose errors, if it has any, are the failures from first on.
func (r *reading) outbound(c *change, s status, first int) {
	for i := range r.failures[first:] {
		f := &r.failures[first+i]
		f.id = r.hash(s.id, s.recipient, s.status, []byte(formatCode(f.code)))
	}
	switch string(s.status) {
	case "delivered", "read", "sent":
	case "failed", "played", "deleted", "warning":
		return
	default:
		c.odd = append(c.odd, note{"statuses.status", string(s.status)})
		return
	}
	if s.recipient == nil {
		return
	}
	switch string(s.status) {
	case "delivered", "read":
		// What counts towards the messaging limit. Source: Meta's "messaging limits": messages delivered outside
		// an open customer service window. Read implies delivered.
		if s.outside {
			r.delivered = append(r.delivered, recipients.Entry{Hash: r.pseudonyms.Hash(s.recipient), At: seconds(s.at, r.arrived)})
		}
	case "sent":
		// Only sent has the time of the answer: delivered and read may come after the customer's next message.
		r.talk = append(r.talk, servicewindow.Op{Hash: r.pseudonyms.Hash(s.recipient), At: seconds(s.at, r.arrived), Answer: true})
	}
}

// outside says whether a message was sent outside a service window: its pricing type is regular, and its category is
// not service, which is that of free-form answers and stays so where Meta charges for them.
func (r *reading) outside(c *change) bool {
	var regular, service bool
	for more := r.open('{'); more; more = r.more() {
		switch string(r.key()) {
		case "type":
			switch kind := r.text(); string(kind) {
			case "regular":
				regular = true
			case "free_customer_service", "free_entry_point", "free_group_customer_service":
			default:
				c.odd = append(c.odd, note{"pricing.type", string(kind)})
			}
		case "category":
			service = string(r.text()) == "service"
		default:
			r.skip()
		}
	}
	return regular && !service
}

func (r *reading) errorCode() (code int64) {
	for more := r.open('{'); more; more = r.more() {
		if string(r.key()) == "code" {
			code = digits(r.text())
		} else {
			r.skip()
		}
	}
	return code
}

// inbound reads a customer's message.
func (r *reading) inbound() {
	var from, altered, at, kind []byte
	for more := r.open('{'); more; more = r.more() {
		switch string(r.key()) {
		case "from":
			from = r.text()
		case "from_user_id":
			altered = r.text()
		case "timestamp":
			at = r.text()
		case "type":
			kind = r.text()
		default:
			r.skip()
		}
	}
	if from == nil {
		from = altered
	}
	// system is WhatsApp telling that somebody changed a number or a setting.
	if from == nil || string(kind) == "system" {
		return
	}
	r.talk = append(r.talk, servicewindow.Op{Hash: r.pseudonyms.Hash(from), At: seconds(at, r.arrived)})
}

// echoes reads what the business wrote in the WhatsApp Business app on the same number: answers too.
func (r *reading) echoes(c *change, value []byte) {
	first := len(r.talk)
	s := scanner{b: value}
	for more := s.open('{'); more; more = s.more() {
		switch string(s.key()) {
		case "metadata":
			inner := reading{scanner: s}
			inner.metadata(c)
			s = inner.scanner
		case "message_echoes":
			for more := s.open('['); more; more = s.more() {
				if op, ok := r.echo(&s); ok {
					r.talk = append(r.talk, op)
				}
			}
		default:
			s.skip()
		}
	}
	c.talk = span{first, len(r.talk)}
}

func (r *reading) echo(s *scanner) (op servicewindow.Op, ok bool) {
	var at []byte
	for more := s.open('{'); more; more = s.more() {
		switch string(s.key()) {
		case "to":
			if to := s.text(); to != nil {
				op.Hash, ok = r.pseudonyms.Hash(to), true
			}
		case "timestamp":
			at = s.text()
		default:
			s.skip()
		}
	}
	op.At, op.Answer = seconds(at, r.arrived), true
	return op, ok
}
