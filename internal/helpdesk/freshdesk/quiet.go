package freshdesk

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/upstream"
)

const (
	searchPath = "/api/v2/search/tickets"
	// searchMost is how many rows a search shows, 30 a page.
	searchMost = 300
	searchPage = 30
	// statusesAQuery keeps a query below the 512 characters that Freshdesk takes.
	statusesAQuery = 20
	// searchTries is how often a search is done that shows fewer rows than it counts.
	searchTries = 3

	day = 24 * time.Hour
)

// firstDay is before any account of Freshdesk.
var firstDay = time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC)

// addQuiet adds open tickets that did not change since the horizon. Each is read once and remembered, because the
// search tells neither of replies nor of the end of its list.
func (c *Client) addQuiet(ctx context.Context, r *reading) (more bool, err error) {
	shown := 0
	for _, s := range r.found {
		if r.pass.Has(s.ID) {
			continue
		}
		if known, ok := c.quiet[s.ID]; ok && known.UpdatedAt.Equal(s.At) {
			r.pass.Put(known)
			continue
		}
		if shown == partTickets {
			return true, nil
		}
		shown++
		n := len(r.pass.Pass.Tickets)
		if err := c.show(ctx, r.pass, s.ID); err != nil {
			return true, err
		}
		if len(r.pass.Pass.Tickets) > n {
			c.quiet[s.ID] = r.pass.Pass.Tickets[n]
		}
	}
	c.forgetQuiet(r.found)
	return false, nil
}

// forgetQuiet forgets the tickets that the search does not find any more.
func (c *Client) forgetQuiet(found []feed.Stamp) {
	ids := make(map[string]bool, len(found))
	for _, s := range found {
		ids[s.ID] = true
	}
	maps.DeleteFunc(c.quiet, func(id string, _ helpdesk.Ticket) bool { return !ids[id] })
}

// findQuiet searches for the open tickets that did not change since the horizon. The search compares days, of which
// it does not say in which time zone: one more is asked for.
func (c *Client) findQuiet(ctx context.Context, horizon time.Time) (found []feed.Stamp, err error) {
	found = []feed.Stamp{}
	until := horizon.Add(day)
	for some := range slices.Chunk(c.openStatuses(), statusesAQuery) {
		terms := make([]string, len(some))
		for i, s := range some {
			terms[i] = "status:" + strconv.Itoa(s)
		}
		query := "(" + strings.Join(terms, " OR ") + ") AND updated_at:<'" + until.Format(time.DateOnly) + "'"
		part, err := c.searchDays(ctx, query, firstDay, until)
		if err != nil {
			return nil, err
		}
		found = append(found, part...)
	}
	return found, nil
}

// searchDays finds all tickets of a query that were opened between two days. Where there are more than a search
// shows, it does so in halves.
func (c *Client) searchDays(ctx context.Context, query string, from, to time.Time) ([]feed.Stamp, error) {
	whole := fmt.Sprintf("%s AND created_at:>'%s' AND created_at:<'%s'", query, from.Format(time.DateOnly), to.Format(time.DateOnly))
	found, total, err := c.searchAll(ctx, whole)
	if err != nil || total <= searchMost {
		return found, err
	}
	days := int(to.Sub(from) / day)
	if days < 1 {
		text := fmt.Sprintf("%d tickets opened on %s are open and unchanged: a search shows %d; close or update some", total, from.Format(time.DateOnly), searchMost)
		return nil, upstream.Broken(http.MethodGet, searchPath, text)
	}
	middle := from.Add(time.Duration(days/2) * day)
	early, err := c.searchDays(ctx, query, from, middle)
	if err != nil {
		return nil, err
	}
	late, err := c.searchDays(ctx, query, middle.Add(day), to)
	return append(early, late...), err
}

// searchAll reads all pages of a search, or none where there are more than it shows.
func (c *Client) searchAll(ctx context.Context, query string) (found []feed.Stamp, total int, err error) {
	for range searchTries { // rows that leave the list while it is read hide others
		seen := make(map[string]bool)
		found = nil
		for page := 1; page == 1 || (page-1)*searchPage < total; page++ {
			var list []feed.Stamp
			if list, total, err = c.searchOne(ctx, query, page); err != nil || total > searchMost {
				return nil, total, err
			}
			for _, s := range list {
				if !seen[s.ID] {
					seen[s.ID] = true
					found = append(found, s)
				}
			}
		}
		if len(found) >= total {
			return found, total, nil
		}
	}
	return nil, 0, upstream.Broken(http.MethodGet, searchPath, fmt.Sprintf("the search counts %d tickets and shows %d", total, len(found)))
}

func (c *Client) searchOne(ctx context.Context, query string, page int) (list []feed.Stamp, total int, err error) {
	var answer struct {
		Total   *int `json:"total"`
		Results rows `json:"results"`
	}
	err = c.patiently(ctx, func() error {
		_, err := c.get(ctx, searchPath, url.Values{"query": {`"` + query + `"`}, "page": {strconv.Itoa(page)}}, &answer)
		return err
	})
	if err == nil && (answer.Total == nil || answer.Results == nil) {
		err = upstream.Broken(http.MethodGet, searchPath, "an answer without total or results")
	}
	if err != nil {
		return nil, 0, err
	}
	for _, raw := range answer.Results {
		r, _ := readRow(raw) // one that cannot be read has an id at the most, and is read on its own
		if r.ID > 0 {
			list = append(list, feed.Stamp{ID: feed.ID(r.ID), At: r.UpdatedAt.Time})
		}
	}
	return list, *answer.Total, nil
}
