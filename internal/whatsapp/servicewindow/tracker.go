// Package servicewindow follows the 24 hours after a customer's message in which a business may reply freely: how
// many of these windows are open, and how many close soon without an answer. It is given hashes of customers, never
// who they are, and is bounded: what it has no room for it counts.
package servicewindow

import (
	"fmt"
	"sync"
	"time"

	"whatsapp_sla_exporter/internal/state"
)

// Source: WhatsApp Business Policy and Meta's "customer service windows": 24 h from the customer's last message.
const length = 24 * 3600

// closing is how long before its end an unanswered window is told to be closing.
const closing = 2 * 3600

// Limits bound the memory: some 40 bytes a window.
type Limits struct {
	Total  int // open windows of all numbers; 0: 1,000,000
	Number int // open windows of one number; 0: 100,000
}

// Op is one message between a customer and a number.
type Op struct {
	Hash   uint64 // of the customer
	At     int64  // Unix seconds
	Answer bool   // sent by the business; otherwise by the customer
}

// Counts are the windows of one number.
type Counts struct {
	Open int
	// Closing are those that end in less than 2 h with the customer's last message unanswered.
	Closing int
	// Uncounted is how many messages since the start opened a window that there was no room for.
	Uncounted uint64
}

// Tracker knows the open windows. Counts may be called at any time; the other methods are for one caller at a time.
type Tracker struct {
	limits  Limits
	answers *answers // of the one caller at a time

	mu      sync.Mutex
	numbers map[string]*number
	total   int
	logged  int // operations on disk
}

type number struct {
	open      map[uint64]entry
	uncounted uint64
}

// entry is the customer's last message, in seconds, and whether it was answered: the last bit.
type entry uint64

func newEntry(at int64, answered bool) entry {
	e := entry(at) << 1
	if answered {
		e |= 1
	}
	return e
}

func (e entry) at() int64      { return int64(e >> 1) }
func (e entry) answered() bool { return e&1 == 1 }

// Load reads the windows that are open at now.
func Load(store *state.Store, l Limits, now time.Time) (*Tracker, error) {
	if l.Total == 0 {
		l.Total = 1_000_000
	}
	if l.Number == 0 {
		l.Number = 100_000
	}
	t := &Tracker{limits: l, answers: newAnswers(maxAnswers), numbers: map[string]*number{}}
	err := store.View(func(tx *state.Tx) error {
		return readLog(tx, func(phone string, ops []Op) {
			t.logged += len(ops)
			t.apply(phone, ops, now)
		})
	})
	if err != nil {
		return nil, fmt.Errorf("service windows: %w", err)
	}
	for _, n := range t.numbers {
		n.uncounted = 0
	}
	return t, nil
}

// Needed leaves out the operations that change nothing: answers to customers without an open window above all, which
// is what every message of a campaign is. To a customer's message whose answer was told before it that answer is added.
// What it returns goes to Write and then to Apply.
func (t *Tracker) Needed(phone string, ops []Op, now time.Time) []Op {
	var out []Op
	opened := map[uint64]bool{} // by this very list
	n, of := t.numbers[phone], t.answers.of(phone)
	for _, o := range ops {
		if o.At <= now.Unix()-length {
			continue
		}
		if o.Answer {
			t.answers.note(of^o.Hash, o.At)
		}
		var had entry
		var open bool
		if n != nil {
			had, open = n.open[o.Hash]
		}
		switch {
		case o.Answer && (opened[o.Hash] || open && !had.answered() && o.At >= had.at()):
			out = append(out, o)
		case !o.Answer && (!open || o.At > had.at()):
			opened[o.Hash] = true
			out = append(out, o)
			if at, ok := t.answers.to(of^o.Hash, o.At); ok {
				out = append(out, Op{Hash: o.Hash, At: at, Answer: true})
			}
		}
	}
	return out
}

// Write stores operations in the caller's transaction.
func (t *Tracker) Write(tx *state.Tx, byNumber map[string][]Op) error {
	if err := appendLog(tx, byNumber); err != nil {
		return fmt.Errorf("service windows: %w", err)
	}
	return nil
}

// Apply takes what Write has stored.
func (t *Tracker) Apply(byNumber map[string][]Op, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for phone, ops := range byNumber {
		t.logged += len(ops)
		t.apply(phone, ops, now)
	}
}

func (t *Tracker) apply(phone string, ops []Op, now time.Time) {
	n := t.numbers[phone]
	if n == nil {
		n = &number{open: map[uint64]entry{}}
		t.numbers[phone] = n
	}
	for _, o := range ops {
		had, open := n.open[o.Hash]
		switch {
		case o.At <= now.Unix()-length:
		case o.Answer && open && o.At >= had.at():
			n.open[o.Hash] = newEntry(had.at(), true)
		case o.Answer || open && o.At <= had.at():
		case open:
			n.open[o.Hash] = newEntry(o.At, false)
		case len(n.open) >= t.limits.Number || t.total >= t.limits.Total:
			n.uncounted++
		default:
			n.open[o.Hash] = newEntry(o.At, false)
			t.total++
		}
	}
}

// Refresh forgets the windows that have closed, and tidies the log of operations. It is due every few minutes.
func (t *Tracker) Refresh(store *state.Store, now time.Time) error {
	t.sweep(now)
	if t.logged <= 2*t.total+tidyAt {
		return nil
	}
	err := store.Update(func(tx *state.Tx) error { return rewriteLog(tx, t.numbers) })
	if err != nil {
		return fmt.Errorf("service windows: %w", err)
	}
	t.logged = t.total
	return nil
}

// tidyAt is how many operations the log may have beyond twice the open windows.
const tidyAt = 10_000

func (t *Tracker) sweep(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for phone, n := range t.numbers {
		for h, e := range n.open {
			if e.at() <= now.Unix()-length {
				delete(n.open, h)
				t.total--
			}
		}
		if len(n.open) == 0 && n.uncounted == 0 {
			delete(t.numbers, phone)
		}
	}
}

// Counts are the windows of a number at now; zero of one that nobody has written to.
func (t *Tracker) Counts(phone string, now time.Time) Counts {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.numbers[phone]
	if n == nil {
		return Counts{}
	}
	c := Counts{Uncounted: n.uncounted}
	for _, e := range n.open {
		left := e.at() + length - now.Unix()
		if left > 0 {
			c.Open++
		}
		if left > 0 && left < closing && !e.answered() {
			c.Closing++
		}
	}
	return c
}
