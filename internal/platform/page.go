// Package platform holds the model of public status pages: what a platform says of itself. The packages below it
// are the clients, one per kind of page.
package platform

import (
	"cmp"
	"slices"
	"time"
)

// State is what a page says of one service.
type State string

// The states, as labels carry them. Unknown is whatever a page says that no list has: it is never operational.
const (
	Operational   State = "operational"
	Degraded      State = "degraded"
	PartialOutage State = "partial_outage"
	MajorOutage   State = "major_outage"
	Maintenance   State = "maintenance"
	Unknown       State = "unknown"
)

// States lists all states.
var States = []State{Operational, Degraded, PartialOutage, MajorOutage, Maintenance, Unknown}

// rank orders states by how much they matter to somebody who wonders what is wrong.
var rank = map[State]int{Operational: 0, Maintenance: 1, Unknown: 2, Degraded: 3, PartialOutage: 4, MajorOutage: 5}

// Worse is the state of the two that matters more.
func (s State) Worse(t State) State {
	if rank[t] > rank[s] {
		return t
	}
	return s
}

// Down says whether the platform admits that the service fails at least in part.
func (s State) Down() bool { return s == PartialOutage || s == MajorOutage }

// Page is one status page as it was last read: immutable once published.
type Page struct {
	Name     string    // as configured: the page label
	Type     string    // metastatus, statuspage
	ReadAt   time.Time // of the last good read
	Services []Service // sorted by name, each name once
	// Dropped is how many more services there are than MaxServices. Those kept are the worst.
	Dropped int
	// UnknownStates counts states that no list has, since the client started.
	UnknownStates uint64
}

// Service is one part of the platform that has a state of its own.
type Service struct {
	Name  string // the service label
	State State
}

// MaxServices bounds the series of one page.
const MaxServices = 100

// Bounded makes of services what a Page may hold, and tells how many had to go: names fit to be labels, each name
// once with its worst state, and no more than MaxServices, the worst first to stay.
func Bounded(services []Service) (kept []Service, dropped int) {
	byName := make(map[string]State, len(services))
	for _, s := range services {
		name := Label(s.Name)
		if name == "" {
			name = "unnamed"
		}
		if had, ok := byName[name]; ok {
			s.State = had.Worse(s.State)
		}
		byName[name] = s.State
	}
	kept = make([]Service, 0, len(byName))
	for name, state := range byName {
		kept = append(kept, Service{name, state})
	}
	byLabel := func(a, b Service) int { return cmp.Compare(a.Name, b.Name) }
	slices.SortFunc(kept, func(a, b Service) int {
		return cmp.Or(cmp.Compare(rank[b.State], rank[a.State]), byLabel(a, b))
	})
	dropped = max(0, len(kept)-MaxServices)
	kept = kept[:len(kept)-dropped]
	slices.SortFunc(kept, byLabel)
	return kept, dropped
}
