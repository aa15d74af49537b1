// Package pseudonym replaces the ids of customers by keyed hashes, so that people can be counted and told apart
// without keeping who they are. Without the key, which never leaves the state file, a hash says nothing.
package pseudonym

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"math/bits"

	"whatsapp_sla_exporter/internal/state"
)

// Key is the secret of one installation.
type Key struct{ k0, k1 uint64 }

var table = state.NewTable[[]byte]("pseudonym")

// keySize is that of SipHash.
const keySize = 16

// Load returns the key of the store, and makes one where there is none.
func Load(store *state.Store) (Key, error) {
	var raw []byte
	err := store.Update(func(tx *state.Tx) error {
		var ok bool
		var err error
		if raw, ok, err = table.Get(tx, "key"); err != nil || ok {
			return err
		}
		raw = make([]byte, keySize)
		if _, err := rand.Read(raw); err != nil {
			return err
		}
		return table.Put(tx, "key", raw)
	})
	if err != nil {
		return Key{}, fmt.Errorf("key of the customers' pseudonyms: %w", err)
	}
	if len(raw) != keySize {
		return Key{}, fmt.Errorf("key of the customers' pseudonyms: %d bytes in the state in the place of %d", len(raw), keySize)
	}
	return newKey([keySize]byte(raw)), nil
}

func newKey(raw [keySize]byte) Key {
	return Key{binary.LittleEndian.Uint64(raw[:8]), binary.LittleEndian.Uint64(raw[8:])}
}

// Hash is SipHash-2-4 of id (Aumasson and Bernstein, 2012): a keyed hash made for short inputs, many times faster
// than HMAC, and evenly spread.
func (k Key) Hash(id []byte) uint64 {
	s := sip{k.k0 ^ 0x736f6d6570736575, k.k1 ^ 0x646f72616e646f6d, k.k0 ^ 0x6c7967656e657261, k.k1 ^ 0x7465646279746573}
	last := uint64(len(id)) << 56
	for len(id) >= 8 {
		s.compress(binary.LittleEndian.Uint64(id))
		id = id[8:]
	}
	for i, c := range id {
		last |= uint64(c) << (8 * i)
	}
	s.compress(last)
	s.v2 ^= 0xff
	s.round()
	s.round()
	s.round()
	s.round()
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3
}

type sip struct{ v0, v1, v2, v3 uint64 }

func (s *sip) compress(m uint64) {
	s.v3 ^= m
	s.round()
	s.round()
	s.v0 ^= m
}

func (s *sip) round() {
	s.v0 += s.v1
	s.v1 = bits.RotateLeft64(s.v1, 13) ^ s.v0
	s.v0 = bits.RotateLeft64(s.v0, 32)
	s.v2 += s.v3
	s.v3 = bits.RotateLeft64(s.v3, 16) ^ s.v2
	s.v0 += s.v3
	s.v3 = bits.RotateLeft64(s.v3, 21) ^ s.v0
	s.v2 += s.v1
	s.v1 = bits.RotateLeft64(s.v1, 17) ^ s.v2
	s.v2 = bits.RotateLeft64(s.v2, 32)
}
