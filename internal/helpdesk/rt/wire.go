package rt

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/loose"
)

// number is an integer that RT writes as 3, "3" or, of an empty list, 0.0. Anything else is zero and not told.
type number struct {
	N    int64
	Told bool
}

// UnmarshalJSON never fails: one strange number must not cost the rest.
func (n *number) UnmarshalJSON(b []byte) error {
	*n = number{}
	s := strings.TrimSuffix(strings.Trim(string(b), `"`), ".0")
	if v, err := strconv.ParseInt(s, 10, 64); err == nil {
		*n = number{v, true}
	}
	return nil
}

// instant is a time. RT shows one that is not set as 1970; that, and nonsense, is zero.
type instant struct{ time.Time }

// UnmarshalJSON never fails.
func (i *instant) UnmarshalJSON(b []byte) error {
	*i = instant{}
	var s loose.Text
	_ = s.UnmarshalJSON(b) // never fails
	if t, err := time.Parse(time.RFC3339, string(s)); err == nil && t.Unix() > 0 {
		i.Time = t.UTC()
	}
	return nil
}

// changedTo reads a date among the values of a transaction: UTC without saying so, 1970 where it is not set.
func changedTo(s string) time.Time {
	if t, err := time.Parse(time.DateTime, s); err == nil && t.Unix() > 0 {
		return t
	}
	return time.Time{}
}

// reference is another object, of which only the number is read: it stands for a person where it is a user.
type reference struct{ ID number }

// UnmarshalJSON never fails: RT shows what it does not know as an empty string.
func (r *reference) UnmarshalJSON(b []byte) error {
	*r = reference{}
	var object struct {
		ID number `json:"id"`
	}
	if json.Unmarshal(b, &object) == nil {
		r.ID = object.ID
	}
	return nil
}

// row is a ticket as RT shows it, without what the exporter has no business with.
type row struct {
	ID          number                     `json:"id"`
	Object      loose.Text                 `json:"type"` // always "ticket"; without it, it would be taken for Type
	Type        loose.Text                 `json:"Type"`
	Status      string                     `json:"Status"`
	Priority    loose.Text                 `json:"Priority"`
	Created     instant                    `json:"Created"`
	LastUpdated instant                    `json:"LastUpdated"`
	Told        instant                    `json:"Told"`
	Due         instant                    `json:"Due"`
	Resolved    instant                    `json:"Resolved"`
	SLA         loose.Text                 `json:"SLA"`
	Queue       reference                  `json:"Queue"`
	Creator     reference                  `json:"Creator"`
	Requestors  loose.Value[[]reference]   `json:"Requestor"`
	Custom      loose.Value[[]customField] `json:"CustomFields"`
}

// rowFields are the fields that a search for tickets asks for: without them RT shows only ids.
const rowFields = "id,Type,Status,Priority,Created,LastUpdated,Told,Due,Resolved,SLA,Queue,Creator,Requestor,CustomFields"

type customField struct {
	ID     loose.Text                `json:"id"`
	Name   loose.Text                `json:"name"`
	Values loose.Value[[]loose.Text] `json:"values"`
}

// readRow reads a ticket. The id is told even of one that cannot be read, where it has one.
func readRow(raw []byte) (r row, err error) {
	if err = json.Unmarshal(raw, &r); err == nil && r.ID.N <= 0 {
		err = errors.New("no id")
	}
	if err != nil {
		var only struct {
			ID number `json:"id"`
		}
		_ = json.Unmarshal(raw, &only) // what it is without is already an error
		return row{ID: only.ID}, err
	}
	if r.Created.IsZero() || r.Status == "" {
		return r, errors.New("no Created or no Status")
	}
	return r, nil
}

// transaction is one thing that happened to a ticket. Its values may be what a customer wrote: only those of the
// status and the due date are looked at.
type transaction struct {
	ID      number     `json:"id"`
	Object  loose.Text `json:"type"` // always "transaction"; without it, it would be taken for Type
	Type    loose.Text `json:"Type"`
	Field   loose.Text `json:"Field"`
	Old     loose.Text `json:"OldValue"`
	New     loose.Text `json:"NewValue"`
	Created instant    `json:"Created"`
	Creator reference  `json:"Creator"`
	Ticket  number     `json:"ObjectId"`
}

const transactionFields = "Type,Field,OldValue,NewValue,Created,Creator,ObjectId"

// list is a page of anything. Items is nil in an answer without the list, which is not an empty list.
type list[T any] struct {
	Items []T        `json:"items"`
	Total number     `json:"total"`
	Next  loose.Text `json:"next_page"` // only whether there is one: it names the host that RT believes in
}
