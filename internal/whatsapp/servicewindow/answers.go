package servicewindow

import "hash/maphash"

// maxAnswers is how many answers are known beside the windows: some 3 MB.
const maxAnswers = 1 << 16

// answers knows the last answers of the business, for as long as the process lives: webhooks come in any order, and
// the customer's message may be told after the answer to it.
type answers struct {
	seed maphash.Seed
	at   map[uint64]int64 // Unix seconds, by number and customer
	ring []uint64         // the keys, in the order in which they came
	next int
}

func newAnswers(size int) *answers {
	return &answers{seed: maphash.MakeSeed(), at: map[uint64]int64{}, ring: make([]uint64, 0, size)}
}

// of is what tells the customers of a number from those of another.
func (a *answers) of(phone string) uint64 { return maphash.String(a.seed, phone) }

// note takes an answer, in the place of the one that was first told the longest ago.
func (a *answers) note(key uint64, at int64) {
	if had, known := a.at[key]; known {
		a.at[key] = max(had, at)
		return
	}
	if len(a.ring) < cap(a.ring) {
		a.ring = append(a.ring, key)
	} else {
		delete(a.at, a.ring[a.next])
		a.ring[a.next] = key
		a.next = (a.next + 1) % len(a.ring)
	}
	a.at[key] = at
}

// to is the answer to a message of the given time; false: none is known.
func (a *answers) to(key uint64, asked int64) (at int64, ok bool) {
	at, known := a.at[key]
	return at, known && at >= asked
}
