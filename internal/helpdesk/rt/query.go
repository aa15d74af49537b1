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

// storyTypes are the transactions that a story is made of.
const storyTypes = "(Type = 'Create' OR Type = 'Correspond' OR Type = 'Status' OR Field = 'Due')"

// quote makes a string of TicketSQL.
func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// oneOf is a condition on a number.
func oneOf(field string, ids []int64) string {
	or := make([]string, len(ids))
	for i, id := range ids {
		or[i] = field + " = " + strconv.FormatInt(id, 10)
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

// findTickets reads the page of a ticket search after an id. More says whether there may be further ones.
func (c *Client) findTickets(ctx context.Context, query string, after int64) (rows []row, bad []int64, more bool, err error) {
	q := c.search(afterID(query, after), rowFields)
	q.Set("fields[Requestor]", "id")
	var page list[json.RawMessage]
	if err := c.patiently(ctx, ticketsPath, q, &page); err != nil {
		return nil, nil, false, err
	}
	switch {
	case page.Items == nil:
		return nil, nil, false, broken(ticketsPath, "an answer without items")
	case len(page.Items) == 0 && page.Total.N > 0:
		return nil, nil, false, broken(ticketsPath, fmt.Sprintf("RT counts %d tickets and shows none: its search failed, see its log", page.Total.N))
	}
	last := after
	for _, raw := range page.Items {
		r, err := readRow(raw)
		if r.ID.N > 0 && r.ID.N <= last {
			return nil, nil, false, broken(ticketsPath, "the list repeats a page or is out of order")
		}
		last = max(last, r.ID.N)
		if err != nil {
			bad = append(bad, r.ID.N)
			continue
		}
		rows = append(rows, r)
	}
	more = len(page.Items) >= c.o.PageSize || page.Next != ""
	if page.Total.Told { // of the rows after the id
		more = page.Total.N > int64(len(page.Items))
	}
	if more && last == after {
		return nil, nil, false, broken(ticketsPath, "a page without a single id")
	}
	return rows, bad, more, nil
}

// findTransactions reads the page of a transaction search after an id. Bad counts rows that cannot be read.
func (c *Client) findTransactions(ctx context.Context, query string, after int64) (found []transaction, bad int, more bool, err error) {
	q := c.search(afterID(query, after), transactionFields)
	q.Set("fields[Creator]", "id")
	var page list[json.RawMessage]
	if err := c.get(ctx, transactionsPath, q, &page); err != nil {
		return nil, 0, false, err
	}
	if page.Items == nil {
		return nil, 0, false, broken(transactionsPath, "an answer without items")
	}
	last := after
	for _, raw := range page.Items {
		var t transaction
		err := json.Unmarshal(raw, &t)
		if t.ID.N > 0 && t.ID.N <= last {
			return nil, 0, false, broken(transactionsPath, "the list repeats a page or is out of order")
		}
		last = max(last, t.ID.N)
		if err != nil || t.ID.N <= 0 || t.Ticket.N <= 0 || t.Created.IsZero() {
			bad++
			continue
		}
		found = append(found, t)
	}
	more = len(page.Items) >= c.o.PageSize || page.Next != ""
	if more && last == after {
		return nil, 0, false, broken(transactionsPath, "a page without a single id")
	}
	return found, bad, more, nil
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
