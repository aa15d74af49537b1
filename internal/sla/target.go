package sla

import "time"

// Target is one promise on a ticket.
type Target string

// The targets a policy can promise. Design: a label value on every ticket metric.
const (
	FirstResponse Target = "first_response" // to the first public reply of a human agent
	NextResponse  Target = "next_response"  // to the answer to the oldest unanswered customer message
	FollowUp      Target = "follow_up"      // to the next public update, owed every N hours
	Resolution    Target = "resolution"     // to solving
	ServiceWindow Target = "service_window" // WhatsApp's 24 h in which a business may reply freely
)

// The targets that only a helpdesk's own policies have: what they promise cannot be computed from a ticket.
const (
	// GroupOwnership is to solving the ticket or handing it over to another group, from when a group was given it: what
	// groups of agents promise each other, an operational level agreement.
	GroupOwnership Target = "group_ownership"
	// UnknownTarget stands for every target that a helpdesk has and nobody documented.
	UnknownTarget Target = "unknown"
)

// Targets lists every target that a policy can promise, in the order in which they are reported.
var Targets = []Target{FirstResponse, NextResponse, FollowUp, Resolution, ServiceWindow}

// State is what a target of a ticket is in at some instant.
type State string

// The states of a target. Uncovered belongs to a whole ticket: no target of it runs.
const (
	Running    State = "running"
	Warning    State = "warning"  // the warning lead is reached
	Critical   State = "critical" // the critical lead is reached
	Breached   State = "breached" // past due and unanswered, or answered too late
	Paused     State = "paused"   // the clock stands still: no due
	Met        State = "met"      // answered at or before its due
	BestEffort State = "best_effort"
	Uncovered  State = "uncovered"
)

// States lists the states a target can be in, in the order in which they are reported.
var States = []State{Running, Warning, Critical, Breached, Paused, Met, BestEffort}

// Instants is one target of one ticket, evaluated: everything that is known about it without knowing what
// time it is. Warning, Critical and Due are set exactly when the target has a deadline: while it runs, and
// after it was answered (At set); they are zero while it is paused or promised without a time.
type Instants struct {
	Target Target
	// Start is when this run of the target began; with the ticket and the target it identifies the run, so
	// that its outcome is counted once. It does not move when a severity changes.
	Start time.Time
	// Warning, Critical and Due are the instants at which the target enters that state (Due: breached).
	Warning, Critical, Due time.Time
	// At is when the target was answered; zero while it is not.
	At time.Time
	// Paused and BestEffort say why there is no Due.
	Paused, BestEffort bool
}

// State is the state of the target at now. A target answered at or before its due is met, later is breached.
func (i *Instants) State(now time.Time) State {
	switch {
	case i.BestEffort && i.At.IsZero():
		return BestEffort
	case i.BestEffort:
		return Met
	case !i.At.IsZero() && i.At.After(i.Due):
		return Breached
	case !i.At.IsZero():
		return Met
	case i.Paused:
		return Paused
	case now.After(i.Due):
		return Breached
	case !now.Before(i.Critical):
		return Critical
	case !now.Before(i.Warning):
		return Warning
	}
	return Running
}

// Open says whether the target still waits for somebody and has a deadline.
func (i *Instants) Open() bool { return i.At.IsZero() && !i.Paused && !i.BestEffort }
