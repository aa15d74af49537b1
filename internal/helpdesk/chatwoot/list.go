package chatwoot

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"whatsapp_sla_exporter/internal/upstream"
)

const listPath = "/conversations"

// list is an answer of the conversation list. Count is of all conversations that have the status.
type list struct {
	Data struct {
		Meta struct {
			Count *int `json:"all_count"`
		} `json:"meta"`
		Payload rows `json:"payload"`
	} `json:"data"`
}

// list asks for conversations of a status, with parameters besides.
func (c *Client) list(ctx context.Context, status string, q url.Values) (raw rows, count int, err error) {
	q.Set("status", status)
	q.Set("assignee_type", "all")
	var answer list
	if err := c.get(ctx, listPath, q, &answer); err != nil {
		return nil, 0, err
	}
	if answer.Data.Payload == nil || answer.Data.Meta.Count == nil {
		return nil, 0, c.broken("an answer without payload or all_count")
	}
	return answer.Data.Payload, *answer.Data.Meta.Count, nil
}

func (c *Client) broken(text string) error {
	return upstream.Broken(http.MethodGet, c.path+listPath, text)
}

// walker reads the pages of the list, in the order of the last activity, the latest first. What becomes active while
// it is read moves to the front, where it is seen as a change, and shows others a second time. What leaves the list
// shifts others onto pages that were read: the count tells of it, and they are read again.
type walker struct {
	page, size, count int
	before            []int64 // ids of the last page
}

// next takes a page that was read, and says whether it was the last.
func (w *walker) next(read []row, rows, count int) (ended bool, err error) {
	ids := make([]int64, len(read))
	for i, r := range read {
		ids[i] = r.ID
	}
	switch {
	case w.page == 1 && w.size == 0:
		w.size = rows
	case len(ids) > 0 && slices.Equal(ids, w.before):
		return false, fmt.Errorf("the list repeats page %d", w.page-1)
	}
	left := w.count - count
	w.count, w.before = count, ids
	switch {
	case w.page > 1 && left > 0:
		w.page = max(1, w.page-(left+w.size-1)/w.size)
		w.before = nil
		return false, nil
	case rows == 0 && w.page == 1 && count > 0:
		return false, fmt.Errorf("the list counts %d conversations and shows none", count)
	case rows == 0 || w.page*w.size >= count:
		return true, nil
	}
	w.page++
	return false, nil
}
