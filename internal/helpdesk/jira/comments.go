package jira

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/go-kit/log/level"

	"whatsapp_sla_exporter/internal/upstream"
)

// conversation is who wrote when, publicly.
type conversation struct {
	first, last time.Time // of the agents
	customer    time.Time // last of the customers
	waiting     time.Time // oldest message of a customer after the last of an agent
	known       bool      // all comments were read
	total       int       // comments it was read from
}

// accountTypes of those who are no agents. Rules write as apps, and customers have accounts of their own kind.
const (
	customerAccount = "customer"
	appAccount      = "app"
)

// talk reads who wrote when from comments.
func talk(list []comment, reporter string) (c conversation) {
	slices.SortStableFunc(list, func(a, b comment) int { return a.Created.Compare(b.Created.Time) })
	for _, m := range list {
		at, who := m.Created.Time, m.Author.V
		switch {
		case m.Public != nil && !*m.Public || at.IsZero() || who.AccountType == appAccount:
		case who.AccountType == customerAccount || who.AccountID == reporter:
			c.customer = at
			if c.waiting.IsZero() {
				c.waiting = at
			}
		default:
			if c.first.IsZero() {
				c.first = at
			}
			c.last, c.waiting = at, time.Time{}
		}
	}
	return c
}

const (
	// commentBudget is how many issues with a long conversation a pass reads the rest of.
	commentBudget = 20
	// commentPage is the most comments that one call brings, and commentPages bounds the calls for one issue.
	commentPage, commentPages = 100, 10
	// maxConversations bounds what is remembered.
	maxConversations = 50_000
)

// converse is the conversation of an issue: from its row where that has all comments, else from the comments
// themselves, as far as the budget goes. Read once, it stands until a comment is added or taken away.
func (c *Client) converse(ctx context.Context, i *issue, budget *int) conversation {
	inRow := i.Fields.Comment.V
	reporter := i.Fields.Reporter.V.AccountID
	short := talk(inRow.Comments, reporter)
	if short.known = len(inRow.Comments) >= inRow.Total && !i.Fields.Comment.Odd; short.known {
		return short
	}
	c.mu.Lock()
	have, ok := c.comments[i.Key]
	c.mu.Unlock()
	if ok && have.total == inRow.Total {
		return have
	}
	if *budget <= 0 {
		return short
	}
	*budget--
	list, err := c.readComments(ctx, i.Key)
	if err != nil {
		level.Info(c.o.Logger).Log("msg", "the comments of an issue cannot be read, taking those in its row", "key", i.Key, "err", err)
		return short
	}
	full := talk(list, reporter)
	full.known, full.total = true, inRow.Total
	c.remember(i.Key, full)
	return full
}

func (c *Client) remember(key string, full conversation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.comments) >= maxConversations {
		clear(c.comments) // all of them can be read again
	}
	c.comments[key] = full
}

func (c *Client) readComments(ctx context.Context, key string) ([]comment, error) {
	var all []comment
	for range commentPages {
		var page comments
		q := url.Values{"startAt": {strconv.Itoa(len(all))}, "maxResults": {strconv.Itoa(commentPage)}, "orderBy": {"created"}}
		if err := c.call(ctx, upstream.Request{Path: "/rest/api/3/issue/" + url.PathEscape(key) + "/comment", Query: q}, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Comments...)
		if len(all) >= page.Total || len(page.Comments) == 0 {
			break
		}
	}
	return all, nil
}
