package demo

import (
	"context"
	"fmt"
	"time"

	"whatsapp_sla_exporter/internal/simulator/webhook"
)

// The webhook's credentials: the secret of the app, and what the exporter's operator typed into its dashboard.
const (
	appSecret   = "demo-app-secret"
	verifyToken = "demo-verify-token"
)

// webhookEvents are what Meta tells by itself: customers get messages and answer, one of them stops marketing, and
// the bank's account is restricted for a while.
func webhookEvents() []event {
	tell := func(after time.Duration, changes func(at time.Time) []webhook.Change) event {
		return event{after, func(w *world) error { return w.tell(changes(w.time())...) }}
	}
	one := func(after time.Duration, change func(at time.Time) webhook.Change) event {
		return tell(after, func(at time.Time) []webhook.Change { return []webhook.Change{change(at)} })
	}
	all := []event{
		one(4*m, func(at time.Time) webhook.Change {
			return webhook.Restriction("9002", "RESTRICTED_BIZ_INITIATED_MESSAGING", at.Add(7*m), at)
		}),
		one(4*m, func(at time.Time) webhook.Change { return webhook.Violation("9002", "SCAM", at) }),
		one(5*m, func(at time.Time) webhook.Change {
			return webhook.OptOut("9001", "5003", "34611000001", "stop", at)
		}),
		one(6*m, func(at time.Time) webhook.Change {
			return webhook.Failure("9001", "5003", "wamid.demo.spam", "34611000002", 131048, at)
		}),
		one(2*m, func(at time.Time) webhook.Change {
			return webhook.Message("9001", "5001", "wamid.demo.in", "34611000003", at)
		}),
	}
	for i := range 14 {
		all = append(all, tell(time.Duration(i)*m, func(at time.Time) []webhook.Change { return campaign(i, at) }))
	}
	return all
}

// campaign is a minute's worth of messages delivered to customers who had not written.
func campaign(minute int, at time.Time) []webhook.Change {
	changes := make([]webhook.Change, 0, 20)
	for k := range 20 {
		customer := 34612000000 + 20*minute + k
		changes = append(changes, webhook.Status("9001", "5003", fmt.Sprintf("wamid.demo.%d.%d", customer, at.Unix()),
			fmt.Sprint(customer), "delivered", "regular", at))
	}
	return changes
}

// tell posts changes to the exporter. What happened before it was there to be told is sent when it is.
func (w *world) tell(changes ...webhook.Change) error {
	w.mu.Lock()
	w.untold = append(w.untold, changes...)
	w.mu.Unlock()
	return nil
}

// deliver sends what was not told yet, and again what was not taken.
func (d *Demo) deliver(ctx context.Context) error {
	if d.sender == nil {
		return nil
	}
	d.world.mu.Lock()
	changes := d.world.untold
	d.world.untold = nil
	d.world.mu.Unlock()
	now := d.o.Now()
	d.sender.Retry(ctx, now)
	return d.sender.Send(ctx, now, changes...)
}
