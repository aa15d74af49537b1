package webhook

import (
	"strings"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/whatsapp/servicewindow"
)

// callsValue is the value of calls.
type callsValue struct {
	Metadata loose.Value[struct {
		Display loose.Text `json:"display_phone_number"`
		ID      loose.Text `json:"phone_number_id"`
	}] `json:"metadata"`
	Calls loose.Value[[]call] `json:"calls"`
}

type call struct {
	From      loose.Text `json:"from"`
	FromUser  loose.Text `json:"from_user_id"`
	To        loose.Text `json:"to"`
	Event     loose.Text `json:"event"`
	Direction loose.Text `json:"direction"`
	Status    loose.Text `json:"status"` // of terminate: failed or completed
	At        loose.Text `json:"timestamp"`
	Start     loose.Text `json:"start_time"`
}

// calls reads voice calls. A customer's call opens the service window as a message does, whether it is taken or not
// (Meta's "customer service windows"); one that was taken has been answered. What a business calls opens nothing.
func (r *reading) calls(c *change, value []byte) {
	var v callsValue
	if !decodeValue(c, value, &v) {
		return
	}
	c.phone = string(v.Metadata.V.ID)
	first := len(r.talk)
	for _, call := range v.Calls.V {
		r.call(call, string(v.Metadata.V.Display))
	}
	c.talk = span{first, len(r.talk)}
}

func (r *reading) call(c call, business string) {
	customer := c.From
	switch {
	case customer == "":
		customer = c.FromUser
	case string(customer) == business: // Meta's sample of the end of a customer's call has them the wrong way round
		customer = c.To
	}
	if customer == "" || !strings.EqualFold(string(c.Direction), "USER_INITIATED") {
		return
	}
	op := servicewindow.Op{Hash: r.pseudonyms.Hash([]byte(customer)), At: seconds([]byte(c.At), r.arrived)}
	switch strings.ToLower(string(c.Event)) {
	case "connect":
		r.talk = append(r.talk, op)
	case "terminate":
		if !strings.EqualFold(string(c.Status), "COMPLETED") {
			return
		}
		began := op
		began.At = min(seconds([]byte(c.Start), op.At), op.At)
		op.Answer = true
		r.talk = append(r.talk, began, op) // its beginning may come later, or never
	}
}
