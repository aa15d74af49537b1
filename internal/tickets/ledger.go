package tickets

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/state"
)

const (
	// keepMarks is how long the mark of a counted run is kept after the run's start.
	keepMarks = 400 * 24 * time.Hour
	// keepDone is how long a solved ticket is remembered in case it is reopened.
	keepDone = 31 * 24 * time.Hour
)

// ledger is what must survive a restart: the outcomes counted, the runs they were counted for, and what was
// observed of tickets. It collects writes and does them in one transaction; what cannot be written stays queued.
type ledger struct {
	store    *state.Store
	helpdesk string
	bounds   bounds
	totals   map[seriesKey]total

	pending map[string]outcome // by mark
	dirty   map[string]*watch  // nil: forget
	begun   bool               // bounds are written

	boundsTable state.Table[bounds]
	totalsTable state.Table[total]
	marksTable  state.Table[int8]
	watchTable  state.Table[watch]
}

// bounds say which outcomes are counted at all.
type bounds struct {
	Since second `json:"since"` // decided at or after: when the helpdesk was first read
	Floor second `json:"floor"` // begun at or after: marks of earlier runs are gone
}

// total is a counter with its labels.
type total struct {
	Policy   string     `json:"policy"`
	Severity string     `json:"severity"`
	Tenant   string     `json:"tenant,omitempty"`
	Target   sla.Target `json:"target"`
	Met      uint64     `json:"met"`
	Breached uint64     `json:"breached"`
}

func (t total) series() seriesKey {
	return seriesKey{Group{Policy: t.Policy, Severity: t.Severity, Tenant: t.Tenant}, t.Target}
}

// key is the total's key in its table.
func (t total) key() string {
	return strings.Join([]string{t.Policy, t.Severity, t.Tenant, string(t.Target)}, "\x00")
}

// openLedger reads back what earlier processes counted.
func openLedger(store *state.Store, helpdesk string) (*ledger, error) {
	l := &ledger{
		store: store, helpdesk: helpdesk, totals: make(map[seriesKey]total),
		pending: make(map[string]outcome), dirty: make(map[string]*watch),
		boundsTable: state.NewTable[bounds]("ticket_bounds"),
		totalsTable: state.NewTable[total]("ticket_outcomes/" + helpdesk),
		marksTable:  state.NewTable[int8]("ticket_marks/" + helpdesk),
		watchTable:  state.NewTable[watch]("ticket_watches/" + helpdesk),
	}
	err := store.View(func(tx *state.Tx) (err error) {
		if l.bounds, l.begun, err = l.boundsTable.Get(tx, helpdesk); err != nil {
			return err
		}
		return l.totalsTable.Each(tx, "", func(_ string, t total) error {
			l.totals[t.series()] = t
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("helpdesk %s: reading the outcomes counted so far: %w", helpdesk, err)
	}
	return l, nil
}

// begin sets the instant of the first read, which is before anything else is queued.
func (l *ledger) begin(at second) {
	if l.bounds.Since == 0 {
		l.bounds.Since = at
	}
}

// queue takes an outcome to be counted, unless it is history or queued already.
func (l *ledger) queue(o outcome) {
	if o.decided < l.bounds.Since || o.start < l.bounds.Floor {
		return
	}
	if mark := o.mark(); l.pending[mark].ticket == "" {
		l.pending[mark] = o
	}
}

// watches reads what was observed of tickets. One that cannot be read is as if nothing had been, and reported.
func (l *ledger) watches(ids []string) (map[string]*watch, error) {
	found := make(map[string]*watch)
	var unreadable []error
	err := l.store.View(func(tx *state.Tx) error {
		for _, id := range ids {
			w, ok, err := l.watchTable.Get(tx, id)
			switch {
			case err != nil:
				unreadable = append(unreadable, err)
				l.dirty[id] = nil
			case ok:
				found[id] = &w
			}
		}
		return nil
	})
	maps.Copy(found, l.dirty) // what could not be written so far
	return found, errors.Join(append(unreadable, err)...)
}

// flush writes what is queued, all of it or nothing.
func (l *ledger) flush() error {
	err := l.dropCounted()
	if err == nil && (len(l.pending) > 0 || len(l.dirty) > 0 || !l.begun && l.bounds.Since != 0) {
		err = l.write()
	}
	if err != nil {
		return fmt.Errorf("helpdesk %s: keeping outcomes and pauses in the state file: %w", l.helpdesk, err)
	}
	clear(l.pending)
	clear(l.dirty)
	return nil
}

// dropCounted drops the queued outcomes whose runs have a mark.
func (l *ledger) dropCounted() error {
	if len(l.pending) == 0 {
		return nil
	}
	return l.store.View(func(tx *state.Tx) error {
		for mark := range l.pending {
			_, counted, err := l.marksTable.Get(tx, mark)
			if err != nil {
				return err
			}
			if counted {
				delete(l.pending, mark)
			}
		}
		return nil
	})
}

// write marks and counts outcomes in one transaction, so that no crash can part them. It goes by the order of the
// keys: bbolt splits its pages only at the end, and to insert many keys into one anywhere but at its end is slow.
func (l *ledger) write() error {
	changed := make(map[seriesKey]total)
	for _, o := range l.pending {
		changed[o.key] = o.addTo(l.totalOr(changed, o.key))
	}
	err := l.store.Update(func(tx *state.Tx) error {
		if err := l.boundsTable.Put(tx, l.helpdesk, l.bounds); err != nil {
			return err
		}
		for _, mark := range slices.Sorted(maps.Keys(l.pending)) {
			if err := l.marksTable.Put(tx, mark, 1); err != nil {
				return err
			}
		}
		for _, t := range changed {
			if err := l.totalsTable.Put(tx, t.key(), t); err != nil {
				return err
			}
		}
		return l.writeWatches(tx)
	})
	if err != nil {
		return err
	}
	l.begun = true
	maps.Copy(l.totals, changed)
	return nil
}

func (l *ledger) writeWatches(tx *state.Tx) error {
	for _, id := range slices.Sorted(maps.Keys(l.dirty)) {
		var err error
		if w := l.dirty[id]; w == nil {
			err = l.watchTable.Delete(tx, id)
		} else {
			err = l.watchTable.Put(tx, id, *w)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// totalOr is the total as changed so far, or as it stands, or a new one.
func (l *ledger) totalOr(changed map[seriesKey]total, key seriesKey) total {
	if t, ok := changed[key]; ok {
		return t
	}
	if t, ok := l.totals[key]; ok {
		return t
	}
	return total{Policy: key.group.Policy, Severity: key.group.Severity, Tenant: key.group.Tenant, Target: key.target}
}

func (o outcome) addTo(t total) total {
	if o.breached {
		t.Breached++
	} else {
		t.Met++
	}
	return t
}

// mark identifies the run of an outcome: its start, so that old marks lie together, and a hash of the rest. The
// severity is not part of it, because it changes while the run goes on.
func (o outcome) mark() string {
	h := sha256.Sum256([]byte(o.ticket + "\x00" + o.key.group.Policy + "\x00" + string(o.key.target)))
	return startKey(o.start) + string(h[:8])
}

func startKey(s second) string { return string(binary.BigEndian.AppendUint32(nil, uint32(s))) }

// prune forgets marks and solved tickets that are too old to matter, and tickets that are not held any more though
// nobody said that they were solved. The floor is raised with it, so that what is forgotten is not counted again.
func (l *ledger) prune(at time.Time, held func(id string) bool) error {
	next := l.bounds
	next.Floor = max(next.Floor, secondOf(at.Add(-keepMarks)))
	err := l.store.Update(func(tx *state.Tx) error {
		if err := l.boundsTable.Put(tx, l.helpdesk, next); err != nil {
			return err
		}
		if err := l.marksTable.DeleteBefore(tx, startKey(next.Floor)); err != nil {
			return err
		}
		return l.pruneWatches(tx, secondOf(at.Add(-keepDone)), held)
	})
	if err != nil {
		return fmt.Errorf("helpdesk %s: forgetting old outcomes: %w", l.helpdesk, err)
	}
	l.bounds, l.begun = next, true
	return nil
}

func (l *ledger) pruneWatches(tx *state.Tx, before second, held func(id string) bool) error {
	var old []string
	err := l.watchTable.Each(tx, "", func(id string, w watch) error {
		if w.Done == 0 && !held(id) || w.Done != 0 && w.Done < before {
			old = append(old, id)
		}
		return nil
	})
	for _, id := range old {
		err = errors.Join(err, l.watchTable.Delete(tx, id))
	}
	return err
}
