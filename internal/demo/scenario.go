package demo

import (
	"cmp"
	"slices"
	"time"
)

// round is how long the scenario takes before it begins again with other tickets.
const round = 15 * time.Minute

const (
	m = time.Minute
	h = time.Hour
)

// event is something that happens so long after a round began. It may have happened before.
type event struct {
	after time.Duration
	do    func(*world) error
}

// when is an event that cannot fail.
func when(after time.Duration, do func(*world)) event {
	return event{after, func(w *world) error { do(w); return nil }}
}

// newRound is what happens in a round, in the order in which it happens. What is wrong with Meta's own numbers fills
// the middle of it; the other providers, pages and sessions have their trouble before and after, so that the board
// stays readable.
func newRound() []event {
	all := slices.Concat(
		ticketEvents(), chatEvents(), numberEvents(), templateEvents(), providerEvents(), pageEvents(), sessionEvents(), webhookEvents(),
	)
	slices.SortStableFunc(all, func(a, b event) int { return cmp.Compare(a.after, b.after) })
	return all
}

// furnish sets up what is there before anything happens.
func furnish(w *world, began time.Time) error {
	furnishMeta(w.graph, began)
	furnishProviders(w)
	furnishPages(w)
	furnishSessions(w)
	return furnishChat(w)
}
