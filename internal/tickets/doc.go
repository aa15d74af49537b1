// Package tickets keeps the open tickets of one helpdesk evaluated against their policies: it takes what a poll
// brought, assigns policy and severity, runs the clock, counts each outcome once, and publishes an immutable
// snapshot that collectors and the sidecar read.
//
// # Which clocks run on a ticket
//
// The policy the operator's relabelling assigns; the helpdesk's own deadlines, as policy "native", kept apart from
// it; and WhatsApp's 24-hour window, as policy "whatsapp-service-window", beside them where the customer wrote on
// WhatsApp. A ticket with neither a policy nor native deadlines is uncovered: no_policy. A ticket the relabelling
// drops is not counted as open, but in Snapshot.Excluded.
//
// A native deadline comes without the length of its target. Its leads are the default ones of the wall time
// between its start and its due. Where the helpdesk does not tell the start, first response and resolution start
// with the ticket, and the others when the deadline was first seen.
//
// # Outcomes
//
// A run is one turn of one target of one ticket, known by ticket, policy, target and start. Its outcome is counted
// once: the mark of the run and the total are written in one transaction. A run is decided when it is answered. One
// that is not answered is decided only by a pass read Options.Lag after its due, because the helpdesk's feed may tell
// late of an answer that came in time; the states and deadlines of the snapshot do not wait for that.
//
// Helpdesks tell what a ticket is, not what it was: a message answered, or an update made, while nobody polled shows
// only in the next turn of its target, and if the exporter was restarted meanwhile, its run has no outcome.
//
// Outcomes decided before the helpdesk was first read are history and do not count. Marks are kept for 400 days
// from the start of their run and runs that started earlier are not counted any more, so that the file stays
// bounded and a forgotten mark never counts twice.
//
// # What is observed
//
// Some helpdesks do not tell since when a ticket is pending, solved before it was reopened, or lacking information.
// That is observed from pass to pass and kept in the state file: for open tickets as long as they are open, for
// solved ones 31 days in case they are reopened.
//
// # How long a group is known
//
// A group of tickets whose last ticket is gone is reported as 0 for 24 hours, then it is forgotten.
package tickets
