package rt

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

func (t *ticket) number() int64    { return t.id }
func (t *ticket) kindName() string { return "ticket" }

// field is a field of a ticket. Ids of queues are numbers as strings, those of users are names.
func (t *ticket) field(s *Server, q url.Values, prefix, name string) (any, bool) {
	switch name {
	case "id":
		return t.id, true
	case "Created":
		if t.spoiled {
			return "soon", true
		}
		return t.created.UTC().Truncate(time.Second), true
	case "Queue":
		if queue := s.queue(t.queue); queue != nil {
			return s.nested(q, prefix, name, fmt.Sprint(t.queue), room{queue}), true
		}
		return s.reference("queue", fmt.Sprint(t.queue)), true
	case "Owner":
		return s.named(q, prefix, name, t.owner), true
	case "Creator":
		return s.named(q, prefix, name, t.creator), true
	case "Requestor":
		all := []any{}
		for _, id := range t.requestors {
			all = append(all, s.named(q, prefix, name, id))
		}
		return all, true
	case "CustomFields":
		return s.customFields(t), true
	}
	if date, ok := t.dates()[name]; ok {
		return shown(date), true
	}
	v, ok := t.texts()[name]
	return v, ok
}

func (s *Server) named(q url.Values, prefix, name string, id int64) map[string]any {
	u := s.user(id)
	return s.nested(q, prefix, name, u.Name, person{u})
}

func (t *ticket) dates() map[string]time.Time {
	return map[string]time.Time{
		"LastUpdated": t.updated, "Started": t.started, "Told": t.told, "Due": t.due, "Resolved": t.resolved, "Starts": {},
	}
}

func (t *ticket) texts() map[string]string {
	return map[string]string{
		"Type": t.kind, "Status": t.status, "Priority": strconv.Itoa(t.priority), "SLA": t.level,
		"Subject": fmt.Sprintf("A customer's words in ticket %d", t.id), "TimeWorked": "0", "InitialPriority": strconv.Itoa(t.priority),
	}
}

// customFields are in an order that changes from answer to answer.
func (s *Server) customFields(t *ticket) []any {
	out := []any{}
	for _, f := range s.o.Fields {
		values := []string{}
		if v := t.fields[f.ID]; v != "" {
			values = append(values, v)
		}
		field := s.reference("customfield", fmt.Sprint(f.ID))
		field["name"], field["values"] = f.Name, values
		out = append(out, field)
	}
	if len(out) > 1 {
		n := s.answers % len(out)
		out = slices.Concat(out[n:], out[:n])
	}
	return out
}

func (x *transaction) number() int64    { return x.id }
func (x *transaction) kindName() string { return "transaction" }

func (x *transaction) field(s *Server, q url.Values, prefix, name string) (any, bool) {
	switch name {
	case "id":
		return x.id, true
	case "Created":
		return x.created.UTC().Truncate(time.Second), true
	case "Creator":
		return s.named(q, prefix, name, x.creator), true
	case "ObjectId":
		return fmt.Sprint(x.ticket), true
	}
	v, ok := map[string]string{"Type": x.kind, "Field": x.fieldName, "OldValue": x.old, "NewValue": x.value, "ObjectType": "RT::Ticket"}[name]
	return v, ok
}

// maySee says whether a user has ShowTicket for a ticket.
func (u *User) maySee(t *ticket) bool {
	return u.SuperUser || !u.Blind && (u.Queues == nil || slices.Contains(u.Queues, t.queue))
}

// mayRead says whether a user is shown a transaction of a ticket that may be seen.
func (u *User) mayRead(x *transaction) bool {
	switch x.kind {
	case "Comment":
		return u.SuperUser || u.Comments
	case "EmailRecord", "CommentEmailRecord":
		return u.SuperUser
	}
	return true
}

// searchTickets answers a ticket search: tickets that were deleted or merged, and those of another type, are never found.
func (s *Server) searchTickets(r *http.Request, u *User) (any, *refusal) {
	query := r.URL.Query().Get("query")
	if query == "" {
		return s.collection(r, nil, true)
	}
	holds, no := s.parse(query, ticketColumns, "Tickets")
	if no != nil {
		return nil, no
	}
	var found []object
	for _, t := range s.tickets {
		if t.into == 0 && t.status != "deleted" && t.kind == "ticket" && u.maySee(t) && holds(s, u, t) {
			found = append(found, t)
		}
	}
	slices.SortFunc(found, func(a, b object) int { return int(a.number() - b.number()) })
	return s.collection(r, found, true)
}

// searchTransactions answers a search for transactions. Only a SuperUser is told how many there are; what others may not
// see is missing from the pages, which are shorter then.
func (s *Server) searchTransactions(r *http.Request, u *User) (any, *refusal) {
	query := r.URL.Query().Get("query")
	if query == "" {
		return s.collection(r, nil, u.SuperUser)
	}
	holds, no := s.parse(query, transactionColumns, "Transactions")
	if no != nil {
		return nil, no
	}
	var found []object
	for _, x := range s.transactions {
		if t := s.tickets[x.ticket]; !x.hidden && t != nil && u.maySee(t) && holds(s, u, x) {
			found = append(found, x)
		}
	}
	return s.readable(r, found, u)
}

// readable shows a page of transactions without those that the user may not read.
func (s *Server) readable(r *http.Request, found []object, u *User) (any, *refusal) {
	v, no := s.collection(r, found, u.SuperUser)
	page, ok := v.(map[string]any)
	if no != nil || !ok {
		return v, no
	}
	items := page["items"].([]any)
	items = slices.DeleteFunc(items, func(item any) bool {
		id, _ := strconv.Atoi(fmt.Sprint(item.(map[string]any)["id"]))
		return !u.mayRead(s.transactions[id-1])
	})
	page["items"], page["count"] = items, len(items)
	return page, nil
}

// showTicket shows everything of a ticket, deleted and merged ones too.
func (s *Server) showTicket(r *http.Request, u *User) (any, *refusal) {
	t, no := s.ticketOf(r, u)
	if no != nil {
		return nil, no
	}
	out := s.reference("ticket", fmt.Sprint(t.id))
	s.expand(nil, t, "fields", "id,Created,Queue,Owner,Creator,Requestor,CustomFields,LastUpdated,Started,Told,Due,Resolved,Starts,Type,Status,Priority,SLA,Subject", out)
	return out, nil
}

func (s *Server) ticketOf(r *http.Request, u *User) (*ticket, *refusal) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	t := s.tickets[id]
	if err != nil || t == nil {
		return nil, notFound
	}
	if t.into != 0 {
		t = s.tickets[t.into]
	}
	if !u.maySee(t) {
		return nil, forbidden
	}
	return t, nil
}

// history is what happened to a ticket, to those that were merged into it too.
func (s *Server) history(r *http.Request, u *User) (any, *refusal) {
	t, no := s.ticketOf(r, u)
	if no == forbidden {
		return s.collection(r, nil, false)
	}
	if no != nil {
		return nil, no
	}
	var found []object
	for _, x := range s.transactions {
		if other := s.tickets[x.ticket]; !x.hidden && (other == t || other.into == t.id) {
			found = append(found, x)
		}
	}
	return s.readable(r, found, u)
}

func (s *Server) listQueues(r *http.Request, u *User) (any, *refusal) {
	var found []object
	for i := range s.o.Queues {
		if q := &s.o.Queues[i]; u.maySee(&ticket{queue: q.ID}) {
			found = append(found, room{q})
		}
	}
	return s.collection(r, found, u.SuperUser)
}

func (s *Server) showQueue(r *http.Request, u *User) (any, *refusal) {
	for i := range s.o.Queues {
		q := &s.o.Queues[i]
		if fmt.Sprint(q.ID) != r.PathValue("id") && q.Name != r.PathValue("id") {
			continue
		}
		if !u.maySee(&ticket{queue: q.ID}) {
			return nil, forbidden
		}
		out := map[string]any{}
		s.expand(nil, room{q}, "fields", "id,Name,Lifecycle", out)
		return out, nil
	}
	return nil, notFound
}
