package rt

import (
	"slices"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/sla"
)

// story is what the transactions of a ticket tell of it: who wrote when, in which statuses it was, what was due. It
// holds no person and no word. There is one for every open ticket.
type story struct {
	upTo    int64  // the last transaction in it
	at      moment // when that happened
	version moment // LastUpdated of the ticket up to which it is told
	readAt  moment // when it was read whole; 0 where it was followed from the beginning
	whole   bool   // it begins with the ticket's creation
	queue   int64  // where the ticket was when it was last seen
	unseen  bool   // it was not among the open tickets the last time

	first, last moment // public replies of agents
	message     moment // last of the customer
	waiting     moment // oldest unanswered one

	status string    // since the last change of it; empty before the first
	since  moment    // of that status
	ended  []stretch // in earlier statuses

	due      moment // in force
	wasDue   moment // until the first reply, while it is not known whether that moves it
	firstDue moment // of the first response
}

// stretch is a time that a ticket was in a status.
type stretch struct {
	status   string
	from, to moment
}

// moment is Unix time; RT knows whole seconds. Zero is unknown.
type moment int64

func momentOf(t time.Time) moment {
	if t.IsZero() {
		return 0
	}
	return moment(t.Unix())
}

func (m moment) time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.Unix(int64(m), 0).UTC()
}

// system is RT itself: what it writes is neither an answer nor a question.
const system = 1

// tell adds a transaction. Created is when the ticket was opened: it may be earlier than the transaction that says so.
// Requestors are the ticket's customers; RT calls every reply by somebody else an answer, and so does its own SLA.
func (s *story) tell(t *transaction, created moment, requestors []int64) {
	if t.ID.N <= s.upTo {
		return
	}
	s.upTo, s.at = t.ID.N, momentOf(t.Created.Time)
	s.version = max(s.version, s.at)
	byCustomer := slices.Contains(requestors, t.Creator.ID.N)
	switch {
	case t.Type == "Create":
		s.opened(created, byCustomer)
	case t.Type == "Correspond" && byCustomer:
		s.asked(s.at)
	case t.Type == "Correspond" && t.Creator.ID.N != system:
		s.answered(s.at)
	case t.Type == "Status":
		s.turn(string(t.Old), string(t.New), created)
	case t.Type == "Set" && t.Field == "Due":
		s.moveDue(momentOf(changedTo(string(t.New))), t.Creator.ID.N == system)
	}
}

func (s *story) opened(at moment, byCustomer bool) {
	s.whole, s.since = true, at
	if byCustomer {
		s.asked(at)
	}
}

// matters says whether a transaction is part of a story.
func (t *transaction) matters() bool {
	switch t.Type {
	case "Create", "Correspond", "Status":
		return true
	}
	return t.Field == "Due"
}

func (s *story) asked(at moment) {
	s.message = at
	if s.waiting == 0 {
		s.waiting = at
	}
}

func (s *story) answered(at moment) {
	if s.first == 0 {
		s.first, s.wasDue = at, s.due
	}
	s.last, s.waiting = at, 0
}

func (s *story) turn(before, after string, created moment) {
	if s.since == 0 {
		s.since = created
	}
	if s.at > s.since {
		s.ended = append(s.ended, stretch{feed.Intern(before), s.since, s.at})
	}
	s.status, s.since = feed.Intern(after), s.at
}

// soon is how many seconds after a reply RT has moved the due date: in the same request, after it sent its mails.
const soon = 60

// moveDue takes a new due date. One that RT moves with the first reply was that of the reply; one that stays was another's.
func (s *story) moveDue(due moment, byRT bool) {
	if s.wasDue != 0 && byRT && s.at-s.first <= soon {
		s.firstDue = s.wasDue
	}
	s.due, s.wasDue = due, 0
}

// pauses are the stretches in which the ticket was pending, on hold, or done before somebody reopened it. Status says
// what a status of RT's stands for, now is the present one, and changed is when the ticket last changed.
func (s *story) pauses(status func(string) sla.Status, now string, changed moment) []sla.Span {
	var out []sla.Span
	add := func(name string, from, to moment) {
		st := status(name)
		span := sla.Span{From: from.time(), To: to.time(), Status: st}
		switch {
		case st.Done() && to != 0:
			span.Status = ""
		case st != sla.StatusPending && st != sla.StatusOnHold:
			return
		}
		out = append(out, span)
	}
	for _, e := range s.ended {
		add(e.status, e.from, e.to)
	}
	since := s.since
	if s.status != "" && s.status != now { // the ticket is ahead of the transactions that were read
		since = changed
	}
	add(now, since, 0)
	return out
}
