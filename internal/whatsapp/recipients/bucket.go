package recipients

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/axiomhq/hyperloglog"
	"go.etcd.io/bbolt"

	"whatsapp_sla_exporter/internal/state"
)

// bucketSeconds is how long one bucket lasts: 5 of the 1,440 minutes of a day, so that a steady use of a limit of
// 250 is never told more than 0.9 recipients too high even by buckets that left whole.
const bucketSeconds = 300

// listMax is how many entries a bucket holds one by one.
const listMax = 4096

// On disk each scope has a bbolt bucket of its own. A key is the number of the five minutes since 1970, what the value
// is, and a sequence number. A value is a list of entries (8 bytes hash, 2 bytes seconds since the five minutes began),
// one for each time that something was written, or a sketch. A bucket that has several is the union.
var root = []byte("whatsapp_recipients")

const (
	listKind   = 'l'
	sketchKind = 's'
	entrySize  = 10
	keySize    = 13
)

// sinceKey sorts after the buckets of the next thousand years.
var sinceKey = []byte("since")

func bucketOf(at int64) int64 { return at / bucketSeconds }

func key(bucket int64, kind byte, sequence uint64) []byte {
	k := append(binary.BigEndian.AppendUint32(make([]byte, 0, keySize), uint32(bucket)), kind)
	return binary.BigEndian.AppendUint64(k, sequence)
}

func bucketAt(key []byte) int64 { return int64(binary.BigEndian.Uint32(key)) }

func isList(key []byte) bool { return key[4] == listKind }

func eachScope(tx *state.Tx, f func(name string) error) error {
	b := tx.Bucket(root)
	if b == nil {
		return nil
	}
	return b.ForEachBucket(func(k []byte) error { return f(string(k)) })
}

func scopeBucket(tx *state.Tx, name string) (*bbolt.Bucket, error) {
	b, err := tx.CreateBucketIfNotExists(root)
	if err != nil {
		return nil, err
	}
	return b.CreateBucketIfNotExists([]byte(name))
}

func existing(tx *state.Tx, name string) *bbolt.Bucket {
	if b := tx.Bucket(root); b != nil {
		return b.Bucket([]byte(name))
	}
	return nil
}

func writeSince(tx *state.Tx, name string, at int64) error {
	b, err := scopeBucket(tx, name)
	if err != nil {
		return err
	}
	return b.Put(sinceKey, binary.BigEndian.AppendUint64(nil, uint64(at)))
}

func readSince(tx *state.Tx, name string) (int64, error) {
	raw := existing(tx, name).Get(sinceKey)
	if len(raw) != 8 {
		return 0, fmt.Errorf("scope %s does not say since when it counts", name)
	}
	return int64(binary.BigEndian.Uint64(raw)), nil
}

// appendEntries adds entries of one bucket as a list.
func appendEntries(tx *state.Tx, name string, entries []Entry) error {
	b, err := scopeBucket(tx, name)
	if err != nil {
		return err
	}
	n, err := b.NextSequence()
	if err != nil {
		return err
	}
	list := make([]byte, 0, len(entries)*entrySize)
	for _, e := range entries {
		list = binary.BigEndian.AppendUint64(list, e.Hash)
		list = binary.BigEndian.AppendUint16(list, uint16(e.At%bucketSeconds))
	}
	return b.Put(key(bucketOf(entries[0].At), listKind, n), list)
}

// fold makes one sketch of all that a bucket has, and of more entries.
func fold(tx *state.Tx, name string, entries []Entry) error {
	b, err := scopeBucket(tx, name)
	if err != nil {
		return err
	}
	bucket := bucketOf(entries[0].At)
	sketch, err := readSketch(b.Get(key(bucket, sketchKind, 0)))
	if err != nil {
		return err
	}
	// All into a sketch of their own first: to sort a few new ones again and again into many is slow.
	fresh := newSketch()
	insert := func(e Entry) { fresh.InsertHash(e.Hash) }
	var folded [][]byte
	c := b.Cursor()
	for k, v := c.Seek(key(bucket, listKind, 0)); len(k) == keySize && bucketAt(k) == bucket && isList(k); k, v = c.Next() {
		if err := readList(v, bucket, insert); err != nil {
			return err
		}
		folded = append(folded, bytes.Clone(k)) // a cursor must not walk over what is deleted under it
	}
	for _, k := range folded {
		if err := b.Delete(k); err != nil {
			return err
		}
	}
	for _, e := range entries {
		insert(e)
	}
	if err := sketch.Merge(fresh); err != nil {
		return err
	}
	raw, err := sketch.MarshalBinary()
	if err != nil {
		return err
	}
	return b.Put(key(bucket, sketchKind, 0), raw)
}

func readSketch(raw []byte) (*hyperloglog.Sketch, error) {
	sketch := newSketch()
	if raw == nil {
		return sketch, nil
	}
	if err := sketch.UnmarshalBinary(raw); err != nil {
		return nil, fmt.Errorf("a sketch in the state cannot be read: %w", err)
	}
	return sketch, nil
}

var errList = errors.New("a list in the state was cut off")

func readList(raw []byte, bucket int64, f func(Entry)) error {
	if len(raw)%entrySize != 0 {
		return errList
	}
	for ; len(raw) > 0; raw = raw[entrySize:] {
		f(Entry{Hash: binary.BigEndian.Uint64(raw), At: bucket*bucketSeconds + int64(binary.BigEndian.Uint16(raw[8:]))})
	}
	return nil
}

// readBuckets gives what the buckets hold that do not end before from.
func readBuckets(tx *state.Tx, name string, from int64, entry func(Entry), sketch func(start int64, k *hyperloglog.Sketch) error) error {
	b := existing(tx, name)
	if b == nil {
		return nil
	}
	c := b.Cursor()
	for k, v := c.Seek(key(bucketOf(from), 0, 0)); k != nil; k, v = c.Next() {
		if len(k) != keySize {
			continue
		}
		if err := readValue(k, v, entry, sketch); err != nil {
			return fmt.Errorf("scope %s, bucket of %s: %w", name, time.Unix(bucketAt(k)*bucketSeconds, 0).UTC().Format(time.RFC3339), err)
		}
	}
	return nil
}

func readValue(k, v []byte, entry func(Entry), sketch func(start int64, k *hyperloglog.Sketch) error) error {
	if isList(k) {
		return readList(v, bucketAt(k), entry)
	}
	s, err := readSketch(v)
	if err != nil {
		return err
	}
	return sketch(bucketAt(k)*bucketSeconds, s)
}

// deleteBuckets removes the buckets that ended before the given instant.
func deleteBuckets(tx *state.Tx, name string, before int64) error {
	b := existing(tx, name)
	if b == nil {
		return nil
	}
	var old [][]byte
	c := b.Cursor()
	for k, _ := c.First(); len(k) == keySize && (bucketAt(k)+1)*bucketSeconds <= before; k, _ = c.Next() {
		old = append(old, bytes.Clone(k))
	}
	for _, k := range old {
		if err := b.Delete(k); err != nil {
			return err
		}
	}
	return nil
}
