package recipients

import (
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
const listMax = 512

// On disk each scope has a bbolt bucket of its own. A key is the number of the five minutes since 1970 and what the
// value is: a list of entries (8 bytes hash, 2 bytes seconds since the bucket began), or a sketch. A bucket that has
// both is the union.
var root = []byte("whatsapp_recipients")

const (
	listKind   = 'l'
	sketchKind = 's'
	entrySize  = 10
	keySize    = 5
)

var sinceKey = []byte("counting_since")

func bucketOf(at int64) int64 { return at / bucketSeconds }

func key(bucket int64, kind byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(bucket)), kind)
}

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

// appendBucket adds entries of one bucket: to its list while they fit, else the list becomes part of the sketch.
func appendBucket(tx *state.Tx, name string, entries []Entry) error {
	b, err := scopeBucket(tx, name)
	if err != nil {
		return err
	}
	bucket := bucketOf(entries[0].At)
	listed := b.Get(key(bucket, listKind))
	if len(listed)/entrySize+len(entries) <= listMax {
		list := make([]byte, len(listed), len(listed)+len(entries)*entrySize)
		copy(list, listed)
		for _, e := range entries {
			list = binary.BigEndian.AppendUint64(list, e.Hash)
			list = binary.BigEndian.AppendUint16(list, uint16(e.At%bucketSeconds))
		}
		return b.Put(key(bucket, listKind), list)
	}
	sketch, err := readSketch(b.Get(key(bucket, sketchKind)))
	if err != nil {
		return err
	}
	if err := readList(listed, bucket, func(e Entry) { sketch.InsertHash(e.Hash) }); err != nil {
		return err
	}
	for _, e := range entries {
		sketch.InsertHash(e.Hash)
	}
	raw, err := sketch.MarshalBinary()
	if err != nil {
		return err
	}
	if err := b.Put(key(bucket, sketchKind), raw); err != nil {
		return err
	}
	return b.Delete(key(bucket, listKind))
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
	for k, v := c.Seek(key(bucketOf(from), 0)); k != nil; k, v = c.Next() {
		if len(k) != keySize {
			continue
		}
		if err := readBucket(k, v, entry, sketch); err != nil {
			start := time.Unix(int64(binary.BigEndian.Uint32(k))*bucketSeconds, 0).UTC()
			return fmt.Errorf("scope %s, bucket of %s: %w", name, start.Format(time.RFC3339), err)
		}
	}
	return nil
}

func readBucket(k, v []byte, entry func(Entry), sketch func(start int64, k *hyperloglog.Sketch) error) error {
	bucket := int64(binary.BigEndian.Uint32(k))
	if k[keySize-1] == listKind {
		return readList(v, bucket, entry)
	}
	s, err := readSketch(v)
	if err != nil {
		return err
	}
	return sketch(bucket*bucketSeconds, s)
}

// deleteBuckets removes the buckets that ended before the given instant.
func deleteBuckets(tx *state.Tx, name string, before int64) error {
	b := existing(tx, name)
	if b == nil {
		return nil
	}
	var old [][]byte // a cursor must not walk over what is deleted under it
	c := b.Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		if len(k) != keySize {
			continue
		}
		if int64(binary.BigEndian.Uint32(k)+1)*bucketSeconds > before {
			break
		}
		old = append(old, append([]byte(nil), k...))
	}
	for _, k := range old {
		if err := b.Delete(k); err != nil {
			return err
		}
	}
	return nil
}
