package push

import (
	"encoding/json"
	"errors"
	"strings"
)

// number is a ticket's id, as a JSON number or as text. Anything else leaves it empty: a body is never refused for
// what else it says.
type number string

// longestID is more digits than any product's ids have.
const longestID = 19

// UnmarshalJSON implements json.Unmarshaler.
func (n *number) UnmarshalJSON(raw []byte) error {
	text := strings.Trim(string(raw), `"`)
	if len(text) > longestID || strings.Trim(text, "0123456789") != "" || strings.HasPrefix(text, "0") {
		text = ""
	}
	*n = number(text)
	return nil
}

// object is a JSON object of which only the id matters. What is not an object has none.
type object struct{ ID number }

// UnmarshalJSON implements json.Unmarshaler.
func (o *object) UnmarshalJSON(raw []byte) error {
	var v struct {
		ID number `json:"id"`
	}
	if raw[0] != '{' {
		*o = object{}
		return nil
	}
	err := json.Unmarshal(raw, &v)
	o.ID = v.ID
	return err
}

// text is a JSON string; anything else is an empty one.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(raw []byte) error {
	*t = ""
	if raw[0] == '"' {
		return json.Unmarshal(raw, (*string)(t))
	}
	return nil
}

var errNotJSON = errors.New("the body is not a JSON object")

// decode reads the few fields of v and drops the rest. Its error tells nothing of the body.
func decode(body []byte, v any) error {
	if json.Unmarshal(body, v) != nil {
		return errNotJSON
	}
	return nil
}

// zendeskTicket reads an event of a subscription ("subject": "zen:ticket:101"), or the body of a trigger's own
// webhook, which names the ticket as ticket_id.
func zendeskTicket(body []byte) (string, error) {
	var v struct {
		Subject  text   `json:"subject"`
		TicketID number `json:"ticket_id"`
	}
	err := decode(body, &v)
	if rest, ok := strings.CutPrefix(string(v.Subject), "zen:ticket:"); ok && v.TicketID == "" {
		_ = v.TicketID.UnmarshalJSON([]byte(rest)) // never fails
	}
	return string(v.TicketID), err
}

// chatwootTicket reads an event on a conversation, or on something in one: the id of an event on a message is the
// message's.
func chatwootTicket(body []byte) (string, error) {
	var v struct {
		Event        text   `json:"event"`
		ID           number `json:"id"`
		Conversation object `json:"conversation"`
	}
	err := decode(body, &v)
	switch event := string(v.Event); {
	case strings.HasPrefix(event, "conversation_typing_"): // nothing changed yet
		return "", err
	case v.Conversation.ID != "":
		return string(v.Conversation.ID), err
	case strings.HasPrefix(event, "conversation_"):
		return string(v.ID), err
	}
	return "", err
}

// zammadTicket reads what a trigger sends unless it is told otherwise.
func zammadTicket(body []byte) (string, error) {
	var v struct {
		Ticket object `json:"ticket"`
	}
	err := decode(body, &v)
	return string(v.Ticket.ID), err
}
