package webhook

import (
	"encoding/binary"
	"fmt"
	"time"

	"whatsapp_sla_exporter/internal/state"
)

// rememberFor is how long a change is known by its id: Meta retries for up to 7 days.
const rememberFor = 7 * 24 * time.Hour

// memory knows what was taken in the last 7 days, the latest max of it, over restarts. Its ids are hashes.
type memory struct {
	bucket []byte
	max    int
	known  map[uint64]struct{}
	order  []memo // oldest first
}

type memo struct {
	at int64 // Unix seconds of the arrival
	id uint64
}

// memoSize is that of a key on disk, which has no value: so keys are in the order of their time.
const memoSize = 16

func loadMemory(tx *state.Tx, bucket string, limit int) (*memory, error) {
	m := &memory{bucket: []byte(bucket), max: limit, known: map[uint64]struct{}{}}
	b := tx.Bucket(m.bucket)
	if b == nil {
		return m, nil
	}
	return m, b.ForEach(func(k, _ []byte) error {
		if len(k) != memoSize {
			return fmt.Errorf("state: %s has a key of %d bytes in the place of %d", bucket, len(k), memoSize)
		}
		m.add(memo{int64(binary.BigEndian.Uint64(k)), binary.BigEndian.Uint64(k[8:])})
		return nil
	})
}

func (m *memory) has(id uint64) bool {
	_, ok := m.known[id]
	return ok
}

func (m *memory) write(tx *state.Tx, memos []memo) error {
	if len(memos) == 0 {
		return nil
	}
	b, err := tx.CreateBucketIfNotExists(m.bucket)
	if err != nil {
		return fmt.Errorf("state: %s: %w", m.bucket, err)
	}
	for _, e := range memos {
		if err := b.Put(e.key(), nil); err != nil {
			return fmt.Errorf("state: %s: %w", m.bucket, err)
		}
	}
	return nil
}

func (e memo) key() []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, uint64(e.at)), e.id)
}

func (m *memory) add(memos ...memo) {
	for _, e := range memos {
		m.known[e.id] = struct{}{}
	}
	m.order = append(m.order, memos...)
}

// old is how many memos are too many or too old.
func (m *memory) old(now time.Time) int {
	n := max(len(m.order)-m.max, 0)
	for n < len(m.order) && m.order[n].at < now.Add(-rememberFor).Unix() {
		n++
	}
	return n
}

// forget removes the old ones from the disk and then from memory.
func (m *memory) forget(store *state.Store, now time.Time) error {
	n := m.old(now)
	if n == 0 {
		return nil
	}
	err := store.Update(func(tx *state.Tx) error {
		b := tx.Bucket(m.bucket)
		for _, e := range m.order[:n] {
			if err := b.Delete(e.key()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("state: %s: %w", m.bucket, err)
	}
	for _, e := range m.order[:n] {
		delete(m.known, e.id)
	}
	m.order = append([]memo(nil), m.order[n:]...)
	return nil
}

// recents knows the ids added last, for as long as the process lives.
type recents struct {
	known map[uint64]struct{}
	ring  []uint64
	next  int
}

func newRecents(size int) *recents {
	return &recents{known: make(map[uint64]struct{}, size), ring: make([]uint64, 0, size)}
}

// add takes an id, and says whether it was not known.
func (r *recents) add(id uint64) (fresh bool) {
	before := len(r.known)
	r.known[id] = struct{}{}
	if len(r.known) == before {
		return false
	}
	if len(r.ring) < cap(r.ring) {
		r.ring = append(r.ring, id)
		return true
	}
	delete(r.known, r.ring[r.next])
	r.ring[r.next] = id
	r.next = (r.next + 1) % len(r.ring)
	return true
}

// remove takes back what was added in vain.
func (r *recents) remove(ids []uint64) {
	for _, id := range ids {
		delete(r.known, id)
	}
}
