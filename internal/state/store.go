// Package state keeps what must survive a restart in one bbolt file: flag dates, watermarks, counted outcomes.
// Every write is durable when it returns.
package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Store is the open file.
type Store struct{ db *bbolt.DB }

// Tx is a transaction on the store.
type Tx = bbolt.Tx

// Open opens or creates the file. A second process on the same file is refused after a second, and so is a file
// that was cut off.
func Open(path string) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("state: making the directory of %s: %w; state.path must be where the exporter may write", path, err)
	}
	if info, err := os.Stat(path); err == nil && info.Size() > 0 {
		if err := checkSize(path, info.Size()); err != nil {
			return nil, err
		}
	}
	db, err := open(path, false)
	if err != nil {
		return nil, err
	}
	return &Store{db: db}, nil
}

// checkSize refuses a file that is shorter than it says itself: bbolt maps it into memory, and to read behind its
// end would end the process without a word that anybody understands. Reading only, bbolt looks at no more than the
// first pages.
func checkSize(path string, size int64) error {
	db, err := open(path, true)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.View(func(tx *Tx) error {
		if size < tx.Size() {
			return fmt.Errorf("state: %s was cut off: it has %d of %d bytes; restore it, or move it away to begin anew",
				path, size, tx.Size())
		}
		return nil
	})
}

func open(path string, readOnly bool) (*bbolt.DB, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second, ReadOnly: readOnly})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("state: %s is in use by another process; give each exporter a state.path of its own", path)
	}
	switch {
	case err == nil:
		return db, nil
	case errors.Is(err, os.ErrPermission):
		return nil, fmt.Errorf("state: %w; state.path must be where the exporter may write", err)
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		return nil, fmt.Errorf("state: %s is damaged, or no state file (%w); restore it, or move it away to begin anew", path, err)
	}
	return nil, fmt.Errorf("state: opening %s: %w", path, err)
}

// Close closes the file.
func (s *Store) Close() error { return s.db.Close() }

// Update runs a transaction that writes: all of it happens or nothing.
func (s *Store) Update(f func(*Tx) error) error { return s.db.Update(f) }

// View runs a transaction that reads.
func (s *Store) View(f func(*Tx) error) error { return s.db.View(f) }

// Table is one named set of values of one type, stored as JSON.
type Table[T any] struct{ name []byte }

// NewTable names a table. It comes to be with the first Put.
func NewTable[T any](name string) Table[T] { return Table[T]{name: []byte(name)} }

// Put stores v under key.
func (t Table[T]) Put(tx *Tx, key string, v T) error {
	b, err := tx.CreateBucketIfNotExists(t.name)
	if err != nil {
		return fmt.Errorf("state: table %s: %w", t.name, err)
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("state: table %s, key %q: %w", t.name, key, err)
	}
	if err := b.Put([]byte(key), raw); err != nil {
		return fmt.Errorf("state: table %s, key %q: %w", t.name, key, err)
	}
	return nil
}

// Get returns the value of key, and whether there is one.
func (t Table[T]) Get(tx *Tx, key string) (v T, ok bool, err error) {
	b := tx.Bucket(t.name)
	if b == nil {
		return v, false, nil
	}
	raw := b.Get([]byte(key))
	if raw == nil {
		return v, false, nil
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return v, false, fmt.Errorf("state: table %s, key %q: %w", t.name, key, err)
	}
	return v, true, nil
}

// Delete removes key, if it is there.
func (t Table[T]) Delete(tx *Tx, key string) error {
	if b := tx.Bucket(t.name); b != nil {
		if err := b.Delete([]byte(key)); err != nil {
			return fmt.Errorf("state: table %s, key %q: %w", t.name, key, err)
		}
	}
	return nil
}

// Each calls f for every key that starts with prefix, in order. The table must not be written meanwhile.
func (t Table[T]) Each(tx *Tx, prefix string, f func(key string, v T) error) error {
	b := tx.Bucket(t.name)
	if b == nil {
		return nil
	}
	c := b.Cursor()
	for k, raw := c.Seek([]byte(prefix)); k != nil && len(k) >= len(prefix) && string(k[:len(prefix)]) == prefix; k, raw = c.Next() {
		var v T
		if err := json.Unmarshal(raw, &v); err != nil {
			return fmt.Errorf("state: table %s, key %q: %w", t.name, k, err)
		}
		if err := f(string(k), v); err != nil {
			return err
		}
	}
	return nil
}

// DeleteBefore removes every key that sorts before the given one.
func (t Table[T]) DeleteBefore(tx *Tx, key string) error {
	b := tx.Bucket(t.name)
	if b == nil {
		return nil
	}
	var old [][]byte // a cursor must not walk over what is deleted under it
	c := b.Cursor()
	for k, _ := c.First(); k != nil && string(k) < key; k, _ = c.Next() {
		old = append(old, bytes.Clone(k))
	}
	for _, k := range old {
		if err := b.Delete(k); err != nil {
			return fmt.Errorf("state: table %s: %w", t.name, err)
		}
	}
	return nil
}
