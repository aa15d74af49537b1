package servicewindow

import (
	"encoding/binary"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"whatsapp_sla_exporter/internal/state"
)

// On disk there is a log of operations by sequence number. A record is a list of numbers, each with its operations:
// one byte of length, the number's id, four bytes how many, and so many operations of 16 bytes: the hash, and the
// seconds with the last bit saying who wrote.
var bucket = []byte("whatsapp_service_windows")

const (
	opSize = 16
	// recordOps bounds the operations of one record.
	recordOps = 4096
)

var errLog = errors.New("a record of the log in the state was cut off")

func appendLog(tx *state.Tx, byNumber map[string][]Op) error {
	var record []byte
	for phone, ops := range byNumber {
		record = appendOps(record, phone, ops)
	}
	if len(record) == 0 {
		return nil
	}
	b, err := tx.CreateBucketIfNotExists(bucket)
	if err != nil {
		return err
	}
	return put(b, record)
}

func put(b *bbolt.Bucket, record []byte) error {
	n, err := b.NextSequence()
	if err != nil {
		return err
	}
	b.FillPercent = 1 // keys only grow
	return b.Put(binary.BigEndian.AppendUint64(nil, n), record)
}

// appendOps adds one number to a record. An id that does not fit its byte is none of WhatsApp's.
func appendOps(record []byte, phone string, ops []Op) []byte {
	if len(ops) == 0 || len(phone) > 255 {
		return record
	}
	record = append(append(record, byte(len(phone))), phone...)
	record = binary.BigEndian.AppendUint32(record, uint32(len(ops)))
	for _, o := range ops {
		record = binary.BigEndian.AppendUint64(record, o.Hash)
		record = binary.BigEndian.AppendUint64(record, uint64(newEntry(o.At, o.Answer)))
	}
	return record
}

func readLog(tx *state.Tx, f func(phone string, ops []Op)) error {
	b := tx.Bucket(bucket)
	if b == nil {
		return nil
	}
	return b.ForEach(func(k, record []byte) error {
		if err := readRecord(record, f); err != nil {
			return fmt.Errorf("record %x: %w", k, err)
		}
		return nil
	})
}

func readRecord(record []byte, f func(phone string, ops []Op)) error {
	for len(record) > 0 {
		size := 1 + int(record[0])
		if len(record) < size+4 {
			return errLog
		}
		phone := string(record[1:size])
		n := int(binary.BigEndian.Uint32(record[size:]))
		record = record[size+4:]
		if len(record)/opSize < n {
			return errLog
		}
		ops := make([]Op, n)
		for i := range ops {
			e := entry(binary.BigEndian.Uint64(record[i*opSize+8:]))
			ops[i] = Op{Hash: binary.BigEndian.Uint64(record[i*opSize:]), At: e.at(), Answer: e.answered()}
		}
		f(phone, ops)
		record = record[n*opSize:]
	}
	return nil
}

// rewriteLog writes the open windows in the place of the operations that led to them.
func rewriteLog(tx *state.Tx, numbers map[string]*number) error {
	if err := tx.DeleteBucket(bucket); err != nil {
		return err
	}
	b, err := tx.CreateBucket(bucket)
	if err != nil {
		return err
	}
	for phone, n := range numbers {
		var ops []Op
		for h, e := range n.open {
			ops = append(ops, Op{Hash: h, At: e.at()})
			if e.answered() {
				ops = append(ops, Op{Hash: h, At: e.at(), Answer: true})
			}
			if len(ops) >= recordOps {
				if err := put(b, appendOps(nil, phone, ops)); err != nil {
					return err
				}
				ops = ops[:0]
			}
		}
		if len(ops) == 0 {
			continue
		}
		if err := put(b, appendOps(nil, phone, ops)); err != nil {
			return err
		}
	}
	return nil
}
