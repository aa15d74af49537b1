package webhook

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/state"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// membership is what a poll of an account told of what belongs to it. It survives restarts, so that what webhooks
// told keeps its account while the API cannot be read.
type membership struct {
	WABAs []member `json:"wabas"`
	// NumberLimits says that messaging limits belong to each number, as those of 2024 do.
	NumberLimits bool `json:"number_limits,omitempty"`
}

type member struct {
	ID        string `json:"id"`
	Portfolio string `json:"portfolio"` // the scope of its limit: the WABA itself while nobody told which it is
}

// pendingFlag is a flag of a number that no account was known to have.
type pendingFlag struct {
	On bool      `json:"on"`
	At time.Time `json:"at"`
}

func wabaScope(id string) string   { return "waba/" + id }
func numberScope(id string) string { return "number/" + id }

func newMembership(a *whatsapp.Account) membership {
	m := membership{NumberLimits: slices.ContainsFunc(a.Limits, func(l whatsapp.MessagingLimit) bool {
		return l.Scope == whatsapp.ScopePhoneNumber
	})}
	for i := range a.WABAs {
		w := &a.WABAs[i]
		scope := w.PortfolioID
		if scope == "" {
			scope = w.ID
		}
		m.WABAs = append(m.WABAs, member{w.ID, scope})
	}
	slices.SortFunc(m.WABAs, func(x, y member) int { return strings.Compare(x.ID, y.ID) })
	return m
}

func (m membership) equal(o membership) bool {
	return m.NumberLimits == o.NumberLimits && slices.Equal(m.WABAs, o.WABAs)
}

// observe learns from a poll which WABAs an account has, sets its Users, and hands on the flags that were told of
// its numbers before they were known.
func (l *ledger) observe(a *whatsapp.Account, at time.Time) error {
	l.commit.Lock()
	defer l.commit.Unlock()
	d := newDraft(l, at)
	m := newMembership(a)
	// A poll that could not read the list tells nothing of it.
	changed := len(m.WABAs) > 0 && !m.equal(l.members[a.Name])
	if err := d.offerPending(); err != nil {
		return fmt.Errorf("webhook: flags told earlier: %w", err)
	}
	if changed || len(d.settled) > 0 {
		err := l.store.Update(func(tx *state.Tx) error {
			if err := d.writeFlags(tx); err != nil || !changed {
				return err
			}
			return memberTable.Put(tx, a.Name, m)
		})
		if err != nil {
			return fmt.Errorf("webhook: storing what belongs to account %s: %w", a.Name, err)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	d.publishFlags()
	if changed {
		l.members[a.Name] = m
		l.places, l.notices = index(l.members), nil
	}
	a.Users = nil
	for _, u := range l.accountUsers(a.Name, at) {
		a.Users = append(a.Users, u.UserCounts)
	}
	return nil
}

// keep makes the given accounts the configured ones.
func (l *ledger) keep(names []string) error {
	l.commit.Lock()
	defer l.commit.Unlock()
	known := map[string]bool{}
	for _, n := range names {
		known[n] = true
	}
	var gone []string
	for name := range l.members {
		if !known[name] {
			gone = append(gone, name)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	err := l.store.Update(func(tx *state.Tx) error {
		for _, name := range gone {
			if err := memberTable.Delete(tx, name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("webhook: forgetting accounts: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range gone {
		delete(l.members, name)
	}
	l.places, l.notices = index(l.members), nil
	return nil
}

// index finds for each WABA that some account has whether its limits belong to its numbers.
func index(members map[string]membership) map[string]bool {
	out := map[string]bool{}
	for _, m := range members {
		for _, w := range m.WABAs {
			out[w.ID] = out[w.ID] || m.NumberLimits
		}
	}
	return out
}

func (m membership) has(waba string) bool {
	_, ok := slices.BinarySearchFunc(m.WABAs, waba, func(e member, id string) int { return strings.Compare(e.ID, id) })
	return ok
}
