package graph

import (
	"slices"
	"time"

	"whatsapp_sla_exporter/internal/whatsapp"
)

// account is the snapshot of what is known; nil while nothing was ever told.
func (c *Client) account(now time.Time) *whatsapp.Account {
	a := &whatsapp.Account{
		Name: c.o.Account, Provider: "meta", ReadAt: c.readAt, Token: c.token,
		UnknownValues: c.unknown.copy(), UnsupportedFields: c.fields.list(now),
	}
	for _, w := range c.wabas {
		if w.node != nil {
			n := *w.node
			n.PortfolioID, n.Templates, n.Subscription = c.portfolio(w), w.templates, w.subscription
			a.WABAs = append(a.WABAs, n)
		}
		a.PhoneNumbers = append(a.PhoneNumbers, w.phoneNumbers()...)
	}
	a.Limits = c.limits()
	a.Messages = c.messageCounts()
	if c.readAt.IsZero() && a.Token == nil {
		return nil
	}
	return a
}

// phoneNumbers are the numbers with what is read of each one by itself.
func (w *waba) phoneNumbers() []whatsapp.PhoneNumber {
	out := slices.Clone(w.numbers)
	for i := range out {
		out[i].Profile = w.profiles[out[i].ID]
		if h, ok := w.healths[out[i].ID]; ok && w.limited {
			out[i].Health = h
		}
	}
	return out
}

// limits are the messaging limits of the scope that the policy has: of each portfolio the one told last, by
// whatever number or WABA told it.
func (c *Client) limits() []whatsapp.MessagingLimit {
	var out []whatsapp.MessagingLimit
	if c.o.LimitScope == whatsapp.ScopePhoneNumber {
		for _, w := range c.wabas {
			for _, n := range w.numbers {
				if tier, ok := w.tiers[n.ID]; ok {
					out = append(out, c.limit(n.Reading, whatsapp.ScopePhoneNumber, n.ID, tier))
				}
			}
		}
		return out
	}
	at := map[string]int{}
	for _, w := range c.wabas {
		if w.tier == "" {
			continue
		}
		id := c.scopeID(w)
		i, ok := at[id]
		if !ok {
			at[id] = len(out)
			out = append(out, c.limit(w.tierAt, whatsapp.ScopePortfolio, id, w.tier))
		} else if w.tierAt.At.After(out[i].At) {
			out[i] = c.limit(w.tierAt, whatsapp.ScopePortfolio, id, w.tier)
		}
	}
	return out
}

// scopeID is the portfolio of w, or w itself while nobody has told which portfolio it belongs to: ids are unique
// over all kinds of objects.
func (c *Client) scopeID(w *waba) string {
	if id := c.portfolio(w); id != "" {
		return id
	}
	return w.id
}

// messages are the delivered messages of one WABA that its business initiated.
type messages struct {
	whatsapp.Reading
	all     window
	numbers map[string]window // by the digits of the number
}

// window counts over the last 24 h and 7 days.
type window struct{ day, week float64 }

func (a window) plus(b window) window { return window{a.day + b.day, a.week + b.week} }

// messageCounts are the counts in the scope of the limits. A portfolio has one only if all its WABAs have been
// read: a part of a sum bounds nothing.
func (c *Client) messageCounts() []whatsapp.MessageCounts {
	if c.o.LimitScope == whatsapp.ScopePhoneNumber {
		return c.numberCounts()
	}
	var order []string
	sums, unread := map[string]whatsapp.MessageCounts{}, map[string]bool{}
	for _, w := range c.wabas {
		id := c.scopeID(w)
		sum, ok := sums[id]
		if !ok {
			order = append(order, id)
			sum = whatsapp.MessageCounts{Scope: whatsapp.ScopePortfolio, ScopeID: id}
		}
		if w.messages == nil {
			unread[id] = true
		} else {
			sum.Reading = oldest(sum.Reading, w.messages.Reading)
			sum.Day, sum.Week = sum.Day+w.messages.all.day, sum.Week+w.messages.all.week
		}
		sums[id] = sum
	}
	var out []whatsapp.MessageCounts
	for _, id := range order {
		if !unread[id] {
			out = append(out, sums[id])
		}
	}
	return out
}

func (c *Client) numberCounts() (out []whatsapp.MessageCounts) {
	for _, w := range c.wabas {
		if w.messages == nil || w.messages.numbers == nil {
			continue
		}
		for i := range w.numbers {
			n := w.messages.numbers[digits(w.numbers[i].DisplayPhoneNumber)]
			out = append(out, whatsapp.MessageCounts{
				Reading: w.messages.Reading, Scope: whatsapp.ScopePhoneNumber, ScopeID: w.numbers[i].ID, Day: n.day, Week: n.week,
			})
		}
	}
	return out
}

// oldest is the reading that goes stale first.
func oldest(a, b whatsapp.Reading) whatsapp.Reading {
	if a.At.IsZero() || b.At.Add(b.Every).Before(a.At.Add(a.Every)) {
		return b
	}
	return a
}
