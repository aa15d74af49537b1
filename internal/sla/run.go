package sla

import "time"

// run is one run of a target on a ticket: from what started it to what answered it, in Unix seconds.
type run struct {
	start, answer int64
	answered      bool
}

// begin tells the run that a target has on the ticket. There is none while nothing has started it, or when it
// has ended and nobody knows when.
//
//	target          starts with                                     is answered by
//	first_response  the ticket being valid, or else opened          the first public reply of a human agent
//	next_response   the oldest unanswered customer message          (the reply takes it away)
//	follow_up       the last public agent update                    (the next update starts the next run)
//	resolution      the ticket being opened                         solving
//	service_window  the last customer message, on WhatsApp          a reply to it
//
// next_response and follow_up wait for the first response. Solving ends all of them: whatever was still owed
// counts as answered at that moment, the first response of a ticket solved without a word included.
func begin(target Target, t *Ticket) (r run, ok bool) {
	var start, answer time.Time
	switch target {
	case FirstResponse:
		start, answer = later(t.OpenedAt, t.ValidAt), t.FirstResponseAt
	case NextResponse:
		if !t.FirstResponseAt.IsZero() {
			start = t.WaitingSince
		}
	case FollowUp:
		if !t.FirstResponseAt.IsZero() {
			start = later(t.FirstResponseAt, t.LastAgentReplyAt)
		}
	case Resolution:
		start = t.OpenedAt
	case ServiceWindow:
		start, answer, ok = serviceWindow(t)
		if !ok {
			return run{}, false
		}
	}
	if answer.IsZero() && t.resolved() {
		if answer = t.ResolvedAt; answer.IsZero() {
			return run{}, false
		}
	}
	if start.IsZero() {
		return run{}, false
	}
	r = run{start: start.Unix(), answered: !answer.IsZero()}
	if r.answered {
		r.answer = answer.Unix()
	}
	return r, true
}

// serviceWindow is the window that the customer's last message opened. Where several replies followed it only
// the last and the ticket's first are known, and the earlier of those that came after it is taken.
func serviceWindow(t *Ticket) (start, answer time.Time, ok bool) {
	start = t.LastCustomerMessageAt
	switch {
	case !t.WhatsApp || start.IsZero():
		return start, answer, false
	case !t.WaitingSince.IsZero():
		return start, answer, true
	case t.FirstResponseAt.After(start):
		return start, t.FirstResponseAt, true
	}
	return start, t.LastAgentReplyAt, !t.LastAgentReplyAt.Before(start)
}

// resolved says whether the ticket is solved. Without a status, the date alone says so.
func (t *Ticket) resolved() bool {
	return t.Status.Done() || t.Status == "" && !t.ResolvedAt.IsZero()
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
