package messaging

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"whatsapp_sla_exporter/internal/state"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// Options configure a Tracker. Account and Policy are required.
type Options struct {
	Account string
	Policy  *Policy
	// EscalationPaths are the ways to a human that are configured.
	EscalationPaths []string
	// Restricted tells of a restriction of a whole WABA, as webhooks told it: whether it may start no conversation
	// at an instant, and until when (zero: open-ended). Nil: none is ever told.
	Restricted func(wabaID string, at time.Time) (until time.Time, restricted bool)
}

// Tracker turns what is read of one account into dates, and keeps over restarts what they follow from. Every date
// is on disk before it is shown.
type Tracker struct {
	o     Options
	store *state.Store

	mu      sync.Mutex
	numbers map[string]number      // by phone number id, as it is on disk
	present map[string]observation // the last reading of each
}

var table = state.NewTable[number]("whatsapp_numbers")

// forgetAfter is how long a number that is not listed any more is remembered.
const forgetAfter = 90 * 24 * time.Hour

// seenEvery is how exactly it is kept when a number was last listed: exact enough to forget it.
const seenEvery = 24 * time.Hour

// NewTracker reads what is known of the account's numbers.
func NewTracker(store *state.Store, o Options) (*Tracker, error) {
	t := &Tracker{o: o, store: store, numbers: map[string]number{}, present: map[string]observation{}}
	err := store.View(func(tx *state.Tx) error {
		return table.Each(tx, t.key(""), func(key string, n number) error {
			if id := strings.TrimPrefix(key, t.key("")); !strings.Contains(id, "/") {
				t.numbers[id] = n
			}
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("account %s: reading the flag dates: %w", o.Account, err)
	}
	return t, nil
}

func (t *Tracker) key(id string) string { return t.o.Account + "/" + id }

// Observe takes a reading of the account and sets what follows from it: the NumberFacts of each number, what an
// upgrade of each limit takes, and the escalation paths. A number that is in the account with the reading of an
// earlier pass was not read again, and nothing follows from that. On an error nothing is set.
func (t *Tracker) Observe(a *whatsapp.Account, at time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	changed, present := map[string]number{}, map[string]observation{}
	for i := range a.PhoneNumbers {
		n := &a.PhoneNumbers[i]
		o := observe(n)
		present[n.ID] = o
		if o.at.Equal(t.present[n.ID].at) {
			continue
		}
		before := t.numbers[n.ID]
		after := t.o.Policy.observe(before, o)
		if o.at.Sub(after.SeenAt).Abs() >= seenEvery {
			after.SeenAt = o.at
		}
		if after != before {
			changed[n.ID] = after
		}
	}
	if err := t.keep(changed, present, at); err != nil {
		return err
	}
	t.present = present
	t.tell(a, at)
	return nil
}

func observe(n *whatsapp.PhoneNumber) observation {
	return observation{at: n.At.UTC().Round(0), digits: digits(n.DisplayPhoneNumber), quality: n.Quality, status: n.Status}
}

// keep writes what changed and forgets who was not seen for long. Memory follows the disk, not the other way.
func (t *Tracker) keep(changed map[string]number, present map[string]observation, at time.Time) error {
	var gone []string
	for id, n := range t.numbers {
		if _, listed := present[id]; !listed && at.Sub(n.SeenAt) > forgetAfter {
			gone = append(gone, id)
		}
	}
	if len(changed) == 0 && len(gone) == 0 {
		return nil
	}
	err := t.store.Update(func(tx *state.Tx) error {
		for id, n := range changed {
			if err := table.Put(tx, t.key(id), n); err != nil {
				return err
			}
		}
		for _, id := range gone {
			if err := table.Delete(tx, t.key(id)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("account %s: writing the flag dates: %w", t.o.Account, err)
	}
	maps.Copy(t.numbers, changed)
	for _, id := range gone {
		delete(t.numbers, id)
	}
	return nil
}

// tell sets what follows.
func (t *Tracker) tell(a *whatsapp.Account, at time.Time) {
	for i := range a.PhoneNumbers {
		n := &a.PhoneNumbers[i]
		n.NumberFacts = t.o.Policy.facts(t.numbers[n.ID], t.present[n.ID], t.restriction(n.WABAID, at), at)
	}
	for i := range a.Limits {
		l := &a.Limits[i]
		if users, within := t.o.Policy.UpgradeTakes(l.Users); l.Known && within == upgradeDays {
			l.UpgradeUsers = users
		}
	}
	a.EscalationPaths = t.o.Policy.Escalations(t.o.EscalationPaths)
}

// upgradeDays is the time over which use is counted for an upgrade; one that counts over another time (30 days for
// a portfolio that is not verified) has no progress that 7 days could tell.
const upgradeDays = 7 * 24 * time.Hour

func (t *Tracker) restriction(waba string, at time.Time) *restriction {
	if t.o.Restricted == nil {
		return nil
	}
	until, restricted := t.o.Restricted(waba, at)
	if !restricted {
		return nil
	}
	return &restriction{until}
}

// Flag takes a webhook that a number, named by its display phone number, was flagged at an instant or that its flag
// ended then. It is on disk when Flag returns. False: no number of this account has these digits.
func (t *Tracker) Flag(displayPhoneNumber string, flagged bool, at time.Time) (bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	want := digits(displayPhoneNumber)
	for id, n := range t.numbers {
		if want == "" || n.Digits != want {
			continue
		}
		after := n.webhookFlag(at.UTC().Round(0))
		if !flagged {
			after = t.o.Policy.webhookUnflag(n, at.UTC().Round(0))
		}
		if after == n {
			return true, nil
		}
		return true, t.keep(map[string]number{id: after}, t.present, at)
	}
	return false, nil
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
