package rt

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/go-kit/log/level"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
)

// feedQuery is a search for all that happens to tickets.
const feedQuery = ofTickets

// Changes reads the tickets to which something happened since the cursor of an earlier pass. An empty cursor, or one that
// is not understood, begins Lookback ago. A pass that fails returns what it had read, beside the error; its cursor is then the
// one it began with.
//
// A history that is too long for one pass ends with More. A cursor that does not fit what RT shows any more, because its
// database was restored or its rights changed, is given up, which is a Gap.
func (c *Client) Changes(ctx context.Context, from string) (*helpdesk.Pass, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := feed.Collect()
	if err := c.changes(ctx, p, from); err != nil {
		p.Pass.Cursor = from
		return c.end(p), err
	}
	return c.end(p), nil
}

func (c *Client) changes(ctx context.Context, p *feed.Collector, from string) error {
	w := walk{client: c, pass: p, query: feedQuery, after: parseCursor(from)}
	if w.after == 0 {
		if err := c.tellVersion(ctx); err != nil { // and learn what RT's clock shows
			return err
		}
		w.since = c.clock.Now().Add(-c.o.Lookback)
		w.query += " AND " + createdAfter(w.since)
	}
	w.began = w.after
	for range maxPages {
		more, err := w.page(ctx)
		if err != nil {
			return err
		}
		if !more {
			w.end()
			return nil
		}
	}
	p.Pass.More = true
	p.Pass.Cursor = strconv.FormatInt(w.after, 10)
	c.seen = make(map[int64]bool)
	return nil
}

// parseCursor reads the transaction after which to go on; 0 where there is none.
func parseCursor(s string) int64 {
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil || id < 0 {
		return 0
	}
	return id
}

// walk is a pass through the transactions.
type walk struct {
	client *Client
	pass   *feed.Collector
	query  string
	since  time.Time // earlier ones are passed over
	began  int64
	after  int64
	// recent are the last transactions, of which the next pass reads some again.
	recent []mark
	fresh  bool // there was one that an earlier pass had not seen
}

// mark is where and when a transaction was.
type mark struct {
	id int64
	at moment
}

// page reads a page of transactions and the tickets that they are about.
func (w *walk) page(ctx context.Context) (more bool, err error) {
	page, err := w.client.findTransactions(ctx, w.query, w.after)
	if err != nil {
		return false, err
	}
	w.pass.Pass.BadRows += page.bad
	w.after = page.last
	var told []transaction
	for _, t := range page.found {
		w.recent = append(w.recent, mark{t.ID.N, momentOf(t.Created.Time)})
		if !w.client.seen[t.ID.N] {
			w.fresh = true
			if !t.Created.Before(w.since) {
				told = append(told, t)
			}
		}
	}
	w.recent = w.recent[max(0, len(w.recent)-w.client.overlap()-1):]
	return page.more, w.client.retell(ctx, w.pass, told)
}

// overlap is how many transactions at most are read again.
func (c *Client) overlap() int { return c.o.PageSize / 2 }

// retell reads the tickets that transactions are about.
func (c *Client) retell(ctx context.Context, p *feed.Collector, told []transaction) error {
	if len(told) == 0 {
		return nil
	}
	about := make(map[int64]bool, len(told))
	for _, t := range told {
		about[t.Ticket.N] = true
	}
	page, err := c.findTickets(ctx, oneOf("id", sorted(about)), 0)
	if err != nil {
		return err
	}
	if err := c.take(ctx, p, page, told, false); err != nil {
		return err
	}
	c.left(p, told)
	return nil
}

// left adds the tickets that were deleted or merged: no search finds them, but the transactions say it. Of others that are
// not found, in another queue now or of another type, nothing is said.
func (c *Client) left(p *feed.Collector, told []transaction) {
	for _, t := range told {
		deleted := t.Type == "Status" && string(t.New) == statusDeleted
		merged := t.Type == "AddLink" && t.Field == "MergedInto" // also told of the ticket that stays, which is found
		if (deleted || merged) && !p.Has(idText(t.Ticket.N)) {
			delete(c.stories, t.Ticket.N)
			p.Gone(idText(t.Ticket.N))
		}
	}
}

// end sets the cursor: before the transactions that are so young that others with lower ids may still appear.
func (w *walk) end() {
	c := w.client
	if w.giveUp() {
		return
	}
	cursor := w.began
	if n := len(w.recent); n > 0 {
		young := w.recent[n-1].at - moment(late/time.Second)
		for i, m := range w.recent {
			if m.at <= young || i == 0 && n > c.overlap() {
				cursor = m.id
			}
		}
	}
	c.seen = make(map[int64]bool, len(w.recent))
	for _, m := range w.recent {
		if m.id > cursor {
			c.seen[m.id] = true
		}
	}
	if cursor > 0 {
		w.pass.Pass.Cursor = strconv.FormatInt(cursor, 10)
	}
}

// giveUp leaves a cursor that does not fit what was there when all open tickets were last read: beyond it is more, and
// none of it was found, or it is beyond all there is.
func (w *walk) giveUp() bool {
	c := w.client
	if w.began == 0 || w.fresh || c.newest == 0 || w.began <= c.newest && c.newest <= w.after {
		return false
	}
	level.Warn(c.o.Logger).Log("msg", "RT shows no transactions where they were read last, going on with the newest",
		"after", w.began, "newest", c.newest)
	w.pass.Pass.Cursor, w.pass.Pass.Gap = fmt.Sprint(c.newest), true
	c.seen = make(map[int64]bool)
	return true
}
