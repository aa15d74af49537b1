package alerts

import (
	"fmt"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/state"
	"whatsapp_sla_exporter/internal/tickets"
)

// memory is an alert as it outlives a restart: without it, an exporter that starts while a helpdesk is down would
// have nothing to send, and Alertmanager would take the alerts for resolved.
type memory struct {
	Deadline tickets.Deadline `json:"deadline"`
	ReadAt   time.Time        `json:"read_at"`
}

var memories = state.NewTable[memory]("alerts")

// confirmed is when a helpdesk with alerts was last read: later than ReadAt of what has not changed since.
var confirmed = state.NewTable[time.Time]("alerts_confirmed")

// memoryKey begins with the helpdesk, so that its alerts can be found.
func memoryKey(k Key) string {
	return strings.Join([]string{
		k.Helpdesk, k.Ticket, string(k.Target), k.Group.Policy, k.Group.Severity, k.Group.Tenant,
	}, "\x00")
}

// recollect reads what was known before the restart, by helpdesk.
func recollect(store *state.Store) (map[string][]memory, error) {
	all := make(map[string][]memory)
	if store == nil {
		return all, nil
	}
	err := store.View(func(tx *state.Tx) error {
		return memories.Each(tx, "", func(key string, m memory) error {
			helpdesk, _, _ := strings.Cut(key, "\x00")
			at, _, err := confirmed.Get(tx, helpdesk)
			if at.After(m.ReadAt) {
				m.ReadAt = at
			}
			all[helpdesk] = append(all[helpdesk], m)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("reading the alerts of before the restart: %w", err)
	}
	return all, nil
}

// changes are alerts to remember and to forget. A key that is in both is remembered: a ticket that goes from one
// alert to the next leaves the first and enters the second under the same key.
type changes struct {
	remember map[string]memory
	forget   map[string]struct{}
	confirm  map[string]time.Time // when helpdesks with alerts were read
}

func newChanges() *changes {
	return &changes{
		remember: make(map[string]memory), forget: make(map[string]struct{}), confirm: make(map[string]time.Time),
	}
}

// keep writes the changes.
func (c *changes) keep(store *state.Store) error {
	if store == nil || len(c.remember)+len(c.forget)+len(c.confirm) == 0 {
		return nil
	}
	err := store.Update(func(tx *state.Tx) error {
		for key := range c.forget {
			if err := memories.Delete(tx, key); err != nil {
				return err
			}
		}
		for key, m := range c.remember {
			if err := memories.Put(tx, key, m); err != nil {
				return err
			}
		}
		for helpdesk, at := range c.confirm {
			if err := confirmed.Put(tx, helpdesk, at); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("remembering alerts: %w", err)
	}
	return nil
}
