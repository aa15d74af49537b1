package pseudonym

import (
	"path/filepath"
	"testing"

	"whatsapp_sla_exporter/internal/state"
)

func TestHashAgreesWithTheReferenceVectorsOfSipHash24(t *testing.T) {
	var raw [keySize]byte
	var message [15]byte
	for i := range raw {
		raw[i] = byte(i)
	}
	for i := range message {
		message[i] = byte(i)
	}
	for n, want := range map[int]uint64{0: 0x726fdb47dd0e0e31, 1: 0x74f839c593dc67fd, 8: 0x93f5f5799a932462, 15: 0xa129ca6149be45e5} {
		if got := newKey(raw).Hash(message[:n]); got != want {
			t.Errorf("%d bytes: %x, want %x", n, got, want)
		}
	}
}

func TestTheKeyIsRandomAndStays(t *testing.T) {
	open := func() *state.Store {
		s, err := state.Open(filepath.Join(t.TempDir(), "state.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	load := func(s *state.Store) Key {
		k, err := Load(s)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	s := open()
	if a, b := load(s), load(s); a != b || a == (Key{}) {
		t.Errorf("%v, then %v", a, b)
	}
	if load(s) == load(open()) {
		t.Error("two installations have the same key")
	}
}

func TestAKeyOfTheWrongSizeIsRefused(t *testing.T) {
	s, err := state.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Update(func(tx *state.Tx) error { return table.Put(tx, "key", []byte("short")) }); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(s); err == nil {
		t.Error("no error")
	}
}
