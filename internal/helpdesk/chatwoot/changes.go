package chatwoot

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/go-kit/log/level"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/upstream"
)

// Changes reads the conversations that changed since the cursor of an earlier pass. An empty cursor, or one that is
// not understood, begins Lookback ago. A pass that fails returns what it had read, beside the error; its cursor is
// then the one it began with. A history that is too long to read ends with Gap.
func (c *Client) Changes(ctx context.Context, from string) (*helpdesk.Pass, error) {
	p := c.collect(pollCalls)
	mark := feed.ParseWatermark(from)
	err := c.changes(ctx, p, mark)
	if err == nil {
		for _, t := range p.Pass.Tickets {
			mark = mark.Advance(t.UpdatedAt, c.clock.Now())
		}
		if mark.IsZero() || p.Pass.Gap {
			mark.Time = feed.Later(mark.Time, c.clock.Now().Add(-c.o.Lookback))
		}
		from = mark.String()
	}
	p.Pass.Cursor = from
	p.Pass.Skew = c.clock.Skew()
	return &p.Pass, err
}

func (c *Client) changes(ctx context.Context, p *pass, mark feed.Watermark) error {
	if c.knowsWithin() != no {
		whole, err := c.changedWithin(ctx, p, mark)
		if err != nil || whole {
			return err
		}
	}
	return c.walk(ctx, p, mark)
}

// since is how long ago the changes begin that a pass needs, by Chatwoot's clock as far as it is known.
func (c *Client) since(mark feed.Watermark) time.Duration {
	if mark.IsZero() {
		return c.o.Lookback
	}
	return max(c.clock.Now().Sub(mark.Time), 0) + overlap
}

// changedWithin asks for all conversations that changed within some seconds. Whole is false where the server does not
// know how to: the answer was then the first page of all conversations.
func (c *Client) changedWithin(ctx context.Context, p *pass, mark feed.Watermark) (whole bool, err error) {
	raw, count, ask, err := c.changedSince(ctx, p, mark)
	if err != nil {
		return false, err
	}
	return c.judge(ctx, p.add(ctx, raw), len(raw) >= count, c.clock.Now().Add(-ask))
}

// changedSince asks for the changes of as long as is needed, or, where that is too much, of a shorter time.
func (c *Client) changedSince(ctx context.Context, p *pass, mark feed.Watermark) (raw rows, count int, ask time.Duration, err error) {
	longest := max(longestWithin, c.o.Lookback)
	ask = min(c.since(mark), longest)
	for {
		raw, count, err = c.changedIn(ctx, ask)
		less, need := c.less(ask, err), c.since(mark)
		switch {
		case less > 0:
			level.Warn(c.o.Logger).Log("msg", "too much changed to be read at once, going on with what changed lately", "asked", ask, "next", less, "err", err)
			ask, p.Pass.Gap = less, true
		case err != nil || p.Pass.Gap:
			return raw, count, ask, err
		case need <= ask+slack:
			return raw, count, ask, nil
		case ask < longest: // the helpdesk's clock is another than was thought
			ask = min(need, longest)
		default:
			p.Pass.Gap = true
			return raw, count, ask, nil
		}
	}
}

// less is the time to ask for after a failure that comes of asking for too much; 0 after another.
func (c *Client) less(asked time.Duration, err error) time.Duration {
	switch reason := upstream.ReasonOf(err); {
	case err == nil:
		return 0
	case (reason == upstream.TooLarge || reason == upstream.Timeout) && asked > c.o.Lookback+overlap:
		return c.o.Lookback
	case reason == upstream.TooLarge && asked > time.Minute:
		return asked / 2
	}
	return 0
}

func (c *Client) changedIn(ctx context.Context, within time.Duration) (rows, int, error) {
	return c.list(ctx, "all", url.Values{"updated_within": {strconv.Itoa(int((within + time.Second - 1) / time.Second))}})
}

// slack is by how much a conversation may be older than was asked for.
const slack = 5 * time.Second

// judge says whether the rows are those that changed since an instant, or a page of all. An old one shows the latter;
// where there is none, one more call does, for which hardly any can have changed.
func (c *Client) judge(ctx context.Context, read []row, all bool, since time.Time) (whole bool, err error) {
	if older(read, since.Add(-slack)) {
		c.setWithin(no)
		return false, nil
	}
	if all || c.knowsWithin() == yes {
		return true, nil
	}
	raw, _, err := c.changedIn(ctx, time.Second)
	if err != nil {
		return false, err
	}
	var probe []row
	for _, b := range raw {
		if r, err := readRow(b); err == nil {
			probe = append(probe, r)
		}
	}
	if older(probe, c.clock.Now().Add(-2*slack)) {
		c.setWithin(no)
		return false, nil
	}
	c.setWithin(yes)
	return true, nil
}

func older(read []row, than time.Time) bool {
	for i := range read {
		if at := read[i].UpdatedAt.Time; !at.IsZero() && at.Before(than) {
			return true
		}
	}
	return false
}

func (c *Client) knowsWithin() knows {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.within
}

func (c *Client) setWithin(k knows) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.within != k && k == no {
		level.Info(c.o.Logger).Log("msg", "the server is too old to list what changed within some time: reading its list by last activity")
	}
	c.within = k
}

// walk reads the list until it comes to conversations that were last active before the pass begins.
func (c *Client) walk(ctx context.Context, p *pass, mark feed.Watermark) error {
	w := walker{page: 1}
	for range listPages {
		raw, count, err := c.list(ctx, "all", url.Values{"sort_by": {"last_activity_at_desc"}, "page": {strconv.Itoa(w.page)}})
		if err != nil {
			return err
		}
		read := p.add(ctx, raw)
		ended, err := w.next(read, len(raw), count)
		if err != nil {
			return c.broken(err.Error())
		}
		until := c.clock.Now().Add(-c.since(mark))
		if ended || slices.ContainsFunc(read, func(r row) bool { return !r.ActiveAt.IsZero() && r.ActiveAt.Before(until) }) {
			return nil
		}
	}
	p.Pass.Gap = true
	return nil
}
