package webhook

import (
	"hash/maphash"
	"sync"

	"whatsapp_sla_exporter/internal/whatsapp/pseudonym"
	"whatsapp_sla_exporter/internal/whatsapp/recipients"
	"whatsapp_sla_exporter/internal/whatsapp/servicewindow"
)

// batch is what one POST says, without anybody's number. The lists are those of all changes, one after the other.
type batch struct {
	arrived int64 // Unix seconds
	changes []change

	delivered []recipients.Entry // messages that were delivered outside a service window
	talk      []servicewindow.Op
	failures  []failure
}

// change is one element of changes.
type change struct {
	waba  string
	field string
	id    uint64 // the same for a retry, another for everything else
	at    int64  // Unix seconds, never after the arrival
	phone string // id of the phone number; empty: none is named

	delivered, talk, failures span

	facts     []fact
	flag      *flag
	hint      bool // the account's health may have changed
	templates bool // and its templates
	notes     []note
	odd       []note // those of what may turn out to be no messages
}

// span is a part of one of the batch's lists.
type span struct{ from, to int }

// failure is one error of one message.
type failure struct {
	id   uint64 // of the message and the code
	code int64
}

// flag says that a number was flagged, or is no more.
type flag struct {
	displayPhoneNumber string
	on                 bool
}

// note is a value that no list has.
type note struct{ field, value string }

// decoder reads POSTs. It may be used by many at once.
type decoder struct {
	pseudonyms pseudonym.Key
	// seed is for the ids of messages changes, which are remembered no longer than the process lives.
	seed maphash.Seed
	// readings are those whose batch was taken: the next POST is read into their lists.
	readings sync.Pool
}

func newDecoder(key pseudonym.Key) *decoder {
	return &decoder{pseudonyms: key, seed: maphash.MakeSeed()}
}

// begin returns a reading of a body.
func (d *decoder) begin(body []byte, arrived int64) *reading {
	r, ok := d.readings.Get().(*reading)
	if !ok {
		r = &reading{decoder: d}
	}
	r.scanner, r.arrived = scanner{b: body}, arrived
	return r
}

// release gives back a reading whose batch nobody looks at any more.
func (d *decoder) release(r *reading) {
	clear(r.changes)
	r.scanner, r.changes, r.delivered, r.talk, r.failures = scanner{}, r.changes[:0], r.delivered[:0], r.talk[:0], r.failures[:0]
	d.readings.Put(r)
}

// reading is one POST being decoded.
type reading struct {
	*decoder
	scanner
	batch
	lastPhone string
	buffer    []byte
}

// phoneID is raw as a string; the same one again and again, because a POST is nearly always of one number.
func (r *reading) phoneID(raw []byte) string {
	if r.lastPhone != string(raw) {
		r.lastPhone = string(raw)
	}
	return r.lastPhone
}

// hash is a keyed hash of parts that stays the same over restarts.
func (r *reading) hash(parts ...[]byte) uint64 {
	r.buffer = r.buffer[:0]
	for _, p := range parts {
		r.buffer = append(append(r.buffer, p...), 0)
	}
	return r.pseudonyms.Hash(r.buffer)
}
