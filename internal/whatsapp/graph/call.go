package graph

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/upstream"
)

// endpoint is one kind of call: the name under which refused fields are remembered, and the fields asked for.
type endpoint struct {
	name   string
	fields []string
}

// node reads one object into v. It returns how many calls that took.
func (c *Client) node(ctx context.Context, e endpoint, path string, q url.Values, v any) (calls int, err error) {
	resp, calls, err := c.fetch(ctx, e, path, q)
	if err != nil {
		return calls, err
	}
	return calls, resp.JSON(v)
}

// fetch makes a call, and again without the fields that the API says it does not have.
func (c *Client) fetch(ctx context.Context, e endpoint, path string, q url.Values) (resp *upstream.Response, calls int, err error) {
	for {
		calls++
		now := c.o.Now()
		asked := c.fields.ask(e.name, e.fields, now)
		resp, err := c.up.Do(ctx, upstream.Request{Path: "/" + c.o.Version + path, Query: withFields(q, asked)})
		if err == nil {
			return resp, calls, nil
		}
		f, ok := errors.AsType[*fieldError](err)
		if !ok || !c.fields.refuse(e.name, asked, f.field, now) {
			return nil, calls, err
		}
		c.warn("msg", "leaving out a field that the API does not have", "endpoint", e.name, "field", f.field)
	}
}

func withFields(q url.Values, fields []string) url.Values {
	out := url.Values{}
	maps.Copy(out, q)
	if len(fields) > 0 {
		out.Set("fields", strings.Join(fields, ","))
	}
	return out
}

// page is one page of an edge.
type page[T any] struct {
	Data   []T `json:"data"`
	Paging struct {
		Cursors struct {
			After loose.Text `json:"after"`
		} `json:"cursors"`
		Next loose.Text `json:"next"`
	} `json:"paging"`
}

// after is the cursor of the page that follows, empty on the last one. The URL in next carries the whole query,
// with an access token where there was one: only its cursor is ever used.
func (p *page[T]) after() (string, error) {
	if p.Paging.Next == "" {
		return "", nil
	}
	if a := string(p.Paging.Cursors.After); a != "" {
		return a, nil
	}
	next, err := url.Parse(string(p.Paging.Next))
	if err != nil || next.Query().Get("after") == "" {
		return "", errors.New("the answer says that there is another page and gives no cursor to it")
	}
	return next.Query().Get("after"), nil
}

// answer is the latest answer of a list, and what was read from it.
type answer[T any] struct {
	body []byte
	page page[T]
}

// keptAnswer is the longest answer that is kept, in bytes: some hundred numbers.
const keptAnswer = 64 << 10

// decodePage decodes a page, unless the list answers what it answered last: most polls of most accounts tell nothing
// new, and decoding is the larger part of what a poll costs.
func decodePage[T any](c *Client, path string, resp *upstream.Response) (p page[T], err error) {
	if last, ok := c.answers[path].(answer[T]); ok && bytes.Equal(last.body, resp.Body) {
		return last.page, nil
	}
	if err := resp.JSON(&p); err != nil {
		return p, err
	}
	if len(resp.Body) <= keptAnswer {
		c.answers[path] = answer[T]{resp.Body, p}
	}
	return p, nil
}

const (
	pageSize = 100 // the most the phone_numbers edge allows; message_templates documents no maximum
	maxPages = 500
)

// edge reads all pages of an edge, or fails: half a list looks like numbers that vanished. A cursor that expired
// meanwhile starts it over once.
func edge[T any](ctx context.Context, c *Client, e endpoint, path string, id func(*T) string) (all []T, calls int, err error) {
	all, calls, err = pages(ctx, c, e, path, id)
	if u, ok := errors.AsType[*upstream.Error](err); ok && u.Code == strconv.Itoa(badCursor) {
		var again int
		all, again, err = pages(ctx, c, e, path, id)
		calls += again
	}
	return all, calls, err
}

func pages[T any](ctx context.Context, c *Client, e endpoint, path string, id func(*T) string) (all []T, calls int, err error) {
	q := url.Values{"limit": {strconv.Itoa(pageSize)}}
	seen := map[string]bool{}
	for range maxPages {
		resp, n, err := c.fetch(ctx, e, path, q)
		calls += n
		if err != nil {
			return nil, calls, err
		}
		p, err := decodePage[T](c, path, resp)
		if err != nil {
			return nil, calls, err
		}
		if p.Data == nil {
			return nil, calls, badPage(path, "the answer has no data list")
		}
		fresh, err := unseen(p.Data, seen, id)
		if err != nil {
			return nil, calls, badPage(path, err.Error())
		}
		all = append(all, fresh...)
		after, err := p.after()
		if err != nil {
			return nil, calls, badPage(path, err.Error())
		}
		if after == "" {
			return all, calls, nil
		}
		if q.Get("after") == after {
			return nil, calls, badPage(path, "the same page comes again and again")
		}
		q.Set("after", after)
	}
	return nil, calls, badPage(path, fmt.Sprintf("more than %d pages", maxPages))
}

// graphID is an id: digits, because it becomes part of a path.
var graphID = regexp.MustCompile(`^[0-9]{1,32}$`)

// unseen is the part of a page that is new. A page of which all was seen before is a repeated page.
func unseen[T any](data []T, seen map[string]bool, id func(*T) string) ([]T, error) {
	if i := slices.IndexFunc(data, func(v T) bool { return !graphID.MatchString(id(&v)) }); i >= 0 {
		return nil, fmt.Errorf("entry %d has no id of digits", i)
	}
	fresh := slices.DeleteFunc(slices.Clone(data), func(v T) bool {
		k := id(&v)
		had := seen[k]
		seen[k] = true
		return had
	})
	if len(data) > 0 && len(fresh) == 0 {
		return nil, errors.New("a page that repeats an earlier one")
	}
	return fresh, nil
}

// badPage is an answer that is JSON and still cannot be what Graph sends.
func badPage(path, what string) error {
	return &upstream.Error{Reason: upstream.Decode, Call: "GET " + path, Err: errors.New(what)}
}
