package webhook

import (
	"fmt"
	"maps"
	"time"

	"whatsapp_sla_exporter/internal/state"
)

// offerFlags hands on the flags that the group tells. One that nobody takes waits until a poll has found its number.
func (d *draft) offerFlags() error {
	for _, c := range d.flagged {
		at := time.Unix(c.at, 0).UTC()
		taken, err := d.l.o.Flag(c.flag.displayPhoneNumber, c.flag.on, at)
		if err != nil {
			return fmt.Errorf("flag of a number: %w", err)
		}
		had, pending := d.l.flags[c.flag.displayPhoneNumber]
		if drafted, ok := d.flags[c.flag.displayPhoneNumber]; ok {
			had, pending = drafted, true
		}
		if !taken && len(d.l.flags)+len(d.flags) < maxPending && (!pending || !at.Before(had.At)) {
			d.flags[c.flag.displayPhoneNumber] = pendingFlag{c.flag.on, at}
		}
	}
	return nil
}

// maxPending bounds the flags that wait for their number.
const maxPending = 10_000

// offerPending hands on the flags that wait.
func (d *draft) offerPending() error {
	for phone, f := range d.l.flags {
		taken, err := d.l.o.Flag(phone, f.On, f.At)
		if err != nil {
			return err
		}
		if taken {
			d.settled = append(d.settled, phone)
		}
	}
	return nil
}

func (d *draft) writeFlags(tx *state.Tx) error {
	for phone, f := range d.flags {
		if err := flagTable.Put(tx, phone, f); err != nil {
			return err
		}
	}
	for _, phone := range d.settled {
		if err := flagTable.Delete(tx, phone); err != nil {
			return err
		}
	}
	return nil
}

func (d *draft) publishFlags() {
	maps.Copy(d.l.flags, d.flags)
	for _, phone := range d.settled {
		delete(d.l.flags, phone)
	}
}
