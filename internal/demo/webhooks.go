package demo

import (
	"context"
	"fmt"
	"time"

	"whatsapp_sla_exporter/internal/simulator/webhook"
)

// webhookEvents are what Meta tells by itself, of messages and of accounts.
func webhookEvents() []event {
	return append(messageEvents(), noticeEvents()...)
}

// tell is one webhook, with the instant at which it is told.
func tell(after time.Duration, change func(at time.Time) webhook.Change) event {
	return when(after, func(w *world) { w.tell(change(w.time())) })
}

// noticeEvents are what happens to the accounts: the bank's is restricted for a while and about to be disabled, the
// one that is also used in the app is disconnected, and the shop has an alert, a template that is paused, a new PIN,
// and something that nobody has heard of.
func noticeEvents() []event {
	return []event{
		tell(4*m, func(at time.Time) webhook.Change {
			return webhook.Restriction("9002", "RESTRICTED_BIZ_INITIATED_MESSAGING", at.Add(7*m), at)
		}),
		tell(4*m, func(at time.Time) webhook.Change { return webhook.Violation("9002", "SCAM", at) }),
		tell(6*m, func(at time.Time) webhook.Change {
			return webhook.Ban("9002", "SCHEDULE_FOR_DISABLE", at.Add(5*24*h), at)
		}),
		tell(10*m, func(at time.Time) webhook.Change { return webhook.Ban("9002", "REINSTATE", time.Time{}, at) }),

		tell(7*m, func(at time.Time) webhook.Change {
			return webhook.AccountUpdate("9003", at, webhook.Object{
				"event": "ACCOUNT_OFFBOARDED", "disconnection_info": webhook.Object{"reason": "PRIMARY_INACTIVITY"},
			})
		}),
		tell(8*m+40*time.Second, func(at time.Time) webhook.Change {
			return webhook.AccountUpdate("9003", at, webhook.Object{"event": "ACCOUNT_RECONNECTED"})
		}),

		tell(3*m, func(at time.Time) webhook.Change {
			return webhook.AccountUpdate("9001", at, webhook.Object{"event": "ACCOUNT_TIER_REVIEW_STARTED"})
		}),
		tell(4*m, func(at time.Time) webhook.Change { return webhook.Template("9001", "summer_offer", "PAUSED", at) }),
		tell(12*m, func(at time.Time) webhook.Change { return webhook.Template("9001", "summer_offer", "APPROVED", at) }),
		tell(5*m, func(at time.Time) webhook.Change {
			return webhook.Alert("9001", "PROFILE_PICTURE_LOST", "WARNING", true, at)
		}),
		tell(12*m, func(at time.Time) webhook.Change {
			return webhook.Alert("9001", "PROFILE_PICTURE_LOST", "WARNING", false, at)
		}),
		tell(6*m, func(at time.Time) webhook.Change {
			return webhook.Security("9001", "+34 600 11 22 30", "PIN_CHANGED", at)
		}),
	}
}

// messageEvents are customers who get messages and answer; one of them stops marketing.
func messageEvents() []event {
	all := []event{
		tell(2*m, func(at time.Time) webhook.Change {
			return webhook.Message("9001", "5001", "wamid.demo.in", "34611000003", at)
		}),
		tell(5*m, func(at time.Time) webhook.Change {
			return webhook.OptOut("9001", "5003", "34611000001", "stop", at)
		}),
		tell(6*m, func(at time.Time) webhook.Change {
			return webhook.Failure("9001", "5003", "wamid.demo.spam", "34611000002", 131048, at)
		}),
	}
	for i := range 14 {
		all = append(all, when(time.Duration(i)*m, func(w *world) { w.tell(campaign(i, w.time())...) }))
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
func (w *world) tell(changes ...webhook.Change) {
	w.mu.Lock()
	w.untold = append(w.untold, changes...)
	w.mu.Unlock()
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
