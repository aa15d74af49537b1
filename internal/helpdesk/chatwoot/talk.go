package chatwoot

import (
	"context"
	"net/url"
	"time"

	"github.com/go-kit/log/level"

	"whatsapp_sla_exporter/internal/helpdesk/feed"
)

// talk is what was seen of a conversation's messages.
type talk struct {
	last    int64     // id of the last message
	waiting time.Time // waiting_since, as it was
	reply   time.Time // last public message of a human agent
	message time.Time // last of the customer
}

// talk finds out who wrote last when: from the row, from what was seen before, or else from the messages.
func (p *pass) talk(ctx context.Context, r *row) (reply, message time.Time) {
	id := feed.ID(r.ID)
	before, known := p.c.remembered(id)
	now, sure := r.talk(before, known)
	if !sure && p.calls > 0 {
		now, sure = p.ask(ctx, r, now)
	}
	if sure {
		p.c.remember(id, now)
	}
	return now.reply, now.message
}

// talk says what the row and an earlier look at the conversation tell, and whether they tell all: a reply that is
// followed by a note within one poll is in neither.
func (r *row) talk(before talk, known bool) (now talk, sure bool) {
	now = talk{waiting: r.WaitingSince.Time, reply: before.reply, message: feed.Later(before.message, r.WaitingSince.Time)}
	last := r.Last
	if last == nil {
		return now, false
	}
	now.last = last.ID
	unanswered := r.FirstReplyAt.IsZero()
	switch {
	case known && last.ID == before.last:
		return now, true
	case last.byAgent():
		now.reply = feed.Later(now.reply, last.At.Time)
		return now, true
	case last.byCustomer():
		now.message = feed.Later(now.message, last.At.Time)
		return now, unanswered || known && (before.waiting.IsZero() || before.waiting.Equal(now.waiting))
	}
	return now, unanswered && !now.waiting.IsZero()
}

// ask reads the latest messages. Where it cannot, what is known otherwise has to do, and the pass asks no more.
func (p *pass) ask(ctx context.Context, r *row, now talk) (talk, bool) {
	p.calls--
	var answer struct {
		Payload []message `json:"payload"`
	}
	if err := p.c.get(ctx, listPath+"/"+url.PathEscape(feed.ID(r.ID))+"/messages", nil, &answer); err != nil {
		level.Warn(p.c.o.Logger).Log("msg", "the messages of a conversation cannot be read, its last reply may be unknown", "conversation", r.ID, "err", err)
		p.calls = 0
		return now, false
	}
	for i := range answer.Payload {
		switch m := &answer.Payload[i]; {
		case m.byAgent():
			now.reply = feed.Later(now.reply, m.At.Time)
		case m.byCustomer():
			now.message = feed.Later(now.message, m.At.Time)
		}
	}
	return now, true
}

func (c *Client) remembered(id string) (talk, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, ok := c.seen[id]
	return t, ok
}

func (c *Client) remember(id string, t talk) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[id] = t
}

func (c *Client) forget(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.seen, id)
}
