package whatsapp

import (
	"cmp"
	"slices"
	"time"
)

// Reading tells how old a fact is.
type Reading struct {
	At time.Time // when the provider last told it
	// Every is the interval at which it is read, where that is longer than the poll interval: a message template
	// is not stale because it is looked at twice an hour.
	Every time.Duration
}

// Stale says whether the fact is too old to be shown: not read for its own interval and staleAfter on top.
func (r Reading) Stale(now time.Time, staleAfter time.Duration) bool {
	return now.Sub(r.At) > r.Every+staleAfter
}

// Fresh is the account without the parts that are stale at now. The account itself is not changed.
func (a *Account) Fresh(now time.Time, staleAfter time.Duration) *Account {
	stale := func(r Reading) bool { return r.Stale(now, staleAfter) }
	out := *a
	out.WABAs = keep(a.WABAs, func(w WABA) bool { return !stale(w.Reading) })
	out.PhoneNumbers = keep(a.PhoneNumbers, func(p PhoneNumber) bool { return !stale(p.Reading) })
	out.Limits = keep(a.Limits, func(l MessagingLimit) bool { return !stale(l.Reading) })
	out.Messages = keep(a.Messages, func(m MessageCounts) bool { return !stale(m.Reading) })
	if a.Token != nil && stale(a.Token.Reading) {
		out.Token = nil
	}
	for i := range out.WABAs {
		w := &out.WABAs[i]
		if w.Templates != nil && stale(w.Templates.Reading) {
			w.Templates = nil
		}
		if w.Subscription != nil && stale(w.Subscription.Reading) {
			w.Subscription = nil
		}
	}
	for i := range out.PhoneNumbers {
		if p := &out.PhoneNumbers[i]; p.Profile != nil && stale(p.Profile.Reading) {
			p.Profile = nil
		}
	}
	return &out
}

// PartlyStale says whether a WABA or a phone number of the account is too old to be shown.
func (a *Account) PartlyStale(now time.Time, staleAfter time.Duration) bool {
	return slices.ContainsFunc(a.WABAs, func(w WABA) bool { return w.Stale(now, staleAfter) }) ||
		slices.ContainsFunc(a.PhoneNumbers, func(p PhoneNumber) bool { return p.Stale(now, staleAfter) })
}

// keep copies what f accepts.
func keep[T any](all []T, f func(T) bool) []T {
	out := make([]T, 0, len(all))
	for _, v := range all {
		if f(v) {
			out = append(out, v)
		}
	}
	return out
}

// Health lists every entity of the account once, sorted by entity and id. Where readings differ the worst state
// counts, with the errors of all of them.
func (a *Account) Health() []Health {
	byEntity := map[[2]string]Health{}
	add := func(list []Health) {
		for _, h := range list {
			key := [2]string{string(h.Entity), h.EntityID}
			if had, ok := byEntity[key]; ok {
				h = worse(had, h)
			}
			byEntity[key] = h
		}
	}
	for i := range a.WABAs {
		add(a.WABAs[i].Health)
	}
	for i := range a.PhoneNumbers {
		add(a.PhoneNumbers[i].Health)
	}
	out := make([]Health, 0, len(byEntity))
	for _, h := range byEntity {
		out = append(out, h)
	}
	slices.SortFunc(out, func(x, y Health) int {
		return cmp.Or(cmp.Compare(x.Entity, y.Entity), cmp.Compare(x.EntityID, y.EntityID))
	})
	return out
}

// severity orders health states; an unknown one is worse than available and better than a told trouble.
var severity = map[Enum]int{"": 0, "available": 1, Unknown: 2, "limited": 3, "blocked": 4}

func worse(x, y Health) Health {
	codes := slices.Concat(x.ErrorCodes, y.ErrorCodes)
	if severity[y.State] > severity[x.State] {
		x = y
	}
	slices.Sort(codes)
	x.ErrorCodes = slices.Compact(codes)
	return x
}
