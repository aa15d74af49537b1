package rt

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk/feed"
)

const (
	ticketsPath      = "/tickets"
	transactionsPath = "/transactions"
)

// ofTickets begins every search for transactions: as the first of conditions that all hold, it makes RT check the
// rights on tickets in its database instead of row by row, so that pages are full.
const ofTickets = "ObjectType = 'RT::Ticket' AND Type != 'EmailRecord' AND Type != 'CommentEmailRecord'"

// storyTypes are the transactions that a story is made of, but for the first: who created a ticket, and when, its row
// tells.
const storyTypes = "(Type = 'Correspond' OR Type = 'Status' OR Field = 'Due')"

// quote makes a string of TicketSQL.
func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// oneOf is a condition on a number. It has no more spaces than RT needs: web servers take 8 KiB of a URL.
func oneOf(field string, ids []int64) string {
	or := make([]string, len(ids))
	for i, id := range ids {
		or[i] = field + "=" + strconv.FormatInt(id, 10)
	}
	return "(" + strings.Join(or, " OR ") + ")"
}

// createdAfter is a condition that surely holds of everything created after an instant, whatever zone RT reads it in.
func createdAfter(t time.Time) string {
	return "Created > " + quote(t.Add(-zones).UTC().Format(time.DateTime))
}

// search is a query for one page.
func (c *Client) search(query, fields string) url.Values {
	return url.Values{"query": {query}, "fields": {fields}, "orderby": {"id"}, "per_page": {strconv.Itoa(c.o.PageSize)}}
}

// afterID narrows a query to what comes after the last id seen.
func afterID(query string, id int64) string { return fmt.Sprintf("id > %d AND %s", id, query) }

// ticketPage is a page of a ticket search. Bad are the ids of rows that cannot be read, 0 where they have none.
type ticketPage struct {
	rows []row
	bad  []int64
	last int64 // id, after which to go on
	more bool
}

// append adds the page that follows.
func (p *ticketPage) append(next *ticketPage) {
	p.rows, p.bad = append(p.rows, next.rows...), append(p.bad, next.bad...)
	p.last, p.more = next.last, next.more
}

// findTickets reads the page of a ticket search after an id.
func (c *Client) findTickets(ctx context.Context, query string, after int64) (*ticketPage, error) {
	q := c.search(afterID(query, after), rowFields)
	q.Set("fields[Creator]", "id")
	q.Set("fields[Requestor]", "id")
	var page list[json.RawMessage]
	if err := c.patiently(ctx, ticketsPath, q, &page); err != nil {
		return nil, err
	}
	if len(page.Items) == 0 && page.Total.N > 0 {
		return nil, broken(ticketsPath, fmt.Sprintf("RT counts %d tickets and shows none: its search failed, see its log", page.Total.N))
	}
	out := &ticketPage{}
	last, more, err := c.each(ticketsPath, &page, after, func(raw []byte) int64 {
		r, err := readRow(raw)
		if err != nil {
			out.bad = append(out.bad, r.ID.N)
		} else {
			out.rows = append(out.rows, r)
		}
		return r.ID.N
	})
	out.last, out.more = last, more
	return out, err
}

// transactionPage is a page of a transaction search. Bad counts the rows that cannot be read.
type transactionPage struct {
	found []transaction
	bad   int
	last  int64
	more  bool
}

// findTransactions reads the page of a transaction search after an id.
func (c *Client) findTransactions(ctx context.Context, query string, after int64) (*transactionPage, error) {
	q := c.search(afterID(query, after), transactionFields)
	q.Set("fields[Creator]", "id")
	var page list[json.RawMessage]
	if err := c.get(ctx, transactionsPath, q, &page); err != nil {
		return nil, err
	}
	out := &transactionPage{}
	last, more, err := c.each(transactionsPath, &page, after, func(raw []byte) int64 {
		var t transaction
		if json.Unmarshal(raw, &t) != nil || t.ID.N <= 0 || t.Ticket.N <= 0 || t.Created.IsZero() {
			out.bad++
		} else {
			out.found = append(out.found, t)
		}
		return t.ID.N
	})
	out.last, out.more = last, more
	return out, err
}

// each reads the rows of a page, which must come by rising ids after the one that was asked for. More says whether there
// may be further pages: the pages of those who may not see everything can be short, and have no total.
func (c *Client) each(path string, page *list[json.RawMessage], after int64, read func(raw []byte) (id int64)) (last int64, more bool, err error) {
	if page.Items == nil {
		return 0, false, broken(path, "an answer without items")
	}
	last = after
	for _, raw := range page.Items {
		id := read(raw)
		if id > 0 && id <= last {
			return 0, false, broken(path, "the list repeats a page or is out of order")
		}
		last = max(last, id)
	}
	more = len(page.Items) >= c.o.PageSize || page.Next != ""
	if page.Total.Told { // of the rows after the id
		more = page.Total.N > int64(len(page.Items))
	}
	if more && last == after {
		return 0, false, broken(path, "a page without a single id")
	}
	return last, more, nil
}

func (c *Client) patiently(ctx context.Context, path string, q url.Values, v any) error {
	return feed.Patiently(ctx, c.wait, func() error { return c.get(ctx, path, q, v) })
}

// sorted lists the keys of a set.
func sorted[T any](set map[int64]T) []int64 {
	ids := make([]int64, 0, len(set))
	for id := range set {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
