package declarative

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/itchyny/gojq"

	"whatsapp_sla_exporter/internal/upstream"
)

// walk reads a list page by page.
type walk struct {
	c    *Client
	list *List
	vars vars

	page, offset int
	cursor       any
	url          *upstream.Request // of the next page, where the answer names it
	more         bool
	read         int // pages
	prints       map[uint64]bool
	cursors      map[string]bool
}

func (c *Client) walk(l *List, v vars) *walk {
	w := &walk{c: c, list: l, vars: v, more: true, prints: make(map[uint64]bool)}
	w.restart()
	return w
}

// restart begins the list again, from whatever the variables say now.
func (w *walk) restart() {
	w.page, w.offset, w.cursor, w.url = w.list.Page.First, 0, nil, nil
	w.cursors = make(map[string]bool)
}

// next reads a page. After it, more says whether there is another.
func (w *walk) next(ctx context.Context) ([]any, error) {
	a, err := w.fetch(ctx)
	if err != nil {
		return nil, err
	}
	w.read++
	if a.empty {
		w.more = false
		return nil, nil
	}
	got, err := w.list.Rows.run(ctx, pageTime, a.body, w.vars)
	rows, ok := got.([]any)
	if err == nil && !ok {
		err = errors.New("gives no list")
	}
	if err != nil {
		return nil, w.c.broken(&w.list.Request, fmt.Errorf("an answer without rows: %w", err))
	}
	if len(rows) > 0 && w.prints[a.print] {
		return nil, w.repeats()
	}
	w.prints[a.print] = true
	return rows, w.turn(ctx, a, len(rows))
}

func (w *walk) fetch(ctx context.Context) (*answer, error) {
	if w.url != nil {
		return w.c.send(ctx, *w.url)
	}
	w.vars["$page"], w.vars["$offset"], w.vars["$cursor"], w.vars["$size"] = w.page, w.offset, w.cursor, w.list.Page.Size
	return w.c.call(ctx, &w.list.Request, w.vars)
}

func (w *walk) repeats() error {
	return w.c.broken(&w.list.Request, fmt.Errorf("the list repeats a page: it says there is more, and does not move, after %d pages", w.read))
}

// turn finds the page after an answer.
func (w *walk) turn(ctx context.Context, a *answer, rows int) error {
	p := &w.list.Page
	switch p.Kind.Value {
	case pageNone:
		w.more = false
		return nil
	case pageNumber, pageOffset:
		w.page, w.offset = w.page+1, w.offset+rows
		return w.countedEnd(ctx, a, rows)
	case pageRange:
		w.page++
		return w.turnRange(a, rows)
	case pageLink:
		return w.follow(linkNext(a.header))
	}
	next, err := p.Next.run(ctx, pageTime, a.body, w.vars)
	if err != nil {
		return w.c.broken(&w.list.Request, fmt.Errorf("page.next: %w", err))
	}
	if p.Kind.Value == pageURL {
		address, _ := next.(string)
		return w.follow(address)
	}
	if next == nil || next == "" || next == false {
		w.more = false
		return nil
	}
	text, ok := scalar(next)
	if !ok {
		return w.c.broken(&w.list.Request, errors.New("page.next: want a text or a number"))
	}
	if w.cursors[text] {
		return w.repeats()
	}
	w.cursors[text] = true
	w.cursor = next
	return nil
}

func (w *walk) countedEnd(ctx context.Context, a *answer, rows int) error {
	p := &w.list.Page
	if !p.Done.set() {
		w.more = rows >= p.Size
		return nil
	}
	done, err := p.Done.run(ctx, pageTime, a.body, w.vars)
	if err != nil {
		return w.c.broken(&w.list.Request, fmt.Errorf("page.done: %w", err))
	}
	w.more = (done == false || done == nil) && rows > 0
	return nil
}

var contentRange = regexp.MustCompile(`^(?:\w+ )?(\d+)-(\d+)/(\d+|\*)$`)

// turnRange reads "0-989/1200": first and last row of the page, and the total.
func (w *walk) turnRange(a *answer, rows int) error {
	m := contentRange.FindStringSubmatch(a.header.Get("Content-Range"))
	if m == nil {
		w.offset += rows
		w.more = rows >= w.list.Page.Size
		return nil
	}
	last, err := strconv.Atoi(m[2])
	total, err2 := strconv.Atoi(m[3])
	if err != nil || last+1 < w.offset {
		return w.repeats()
	}
	w.more = err2 == nil && last+1 < total && rows > 0 || err2 != nil && rows >= w.list.Page.Size
	w.offset = last + 1
	return nil
}

// follow goes to the address of the next page, which must be on the helpdesk's host and below its path: the
// credentials go along.
func (w *walk) follow(address string) error {
	if address == "" {
		w.more = false
		return nil
	}
	if w.cursors[address] {
		return w.repeats()
	}
	w.cursors[address] = true
	base, err := url.Parse(w.c.base)
	if err != nil {
		return w.c.broken(&w.list.Request, errors.New("the helpdesk's address cannot be read"))
	}
	next, err := base.Parse(address)
	if err != nil {
		return w.c.broken(&w.list.Request, errors.New("the address of the next page cannot be read"))
	}
	path, below := strings.CutPrefix(next.EscapedPath(), strings.TrimSuffix(base.EscapedPath(), "/")+"/")
	if !strings.EqualFold(next.Host, base.Host) || next.Scheme != base.Scheme || !below || next.User != nil || strings.Contains(next.Path, "..") {
		return w.c.broken(&w.list.Request, fmt.Errorf("the next page is said to be elsewhere (%s://%s): not followed, the credentials are for %s",
			next.Scheme, next.Host, w.c.base))
	}
	w.url = &upstream.Request{Method: http.MethodGet, Path: "/" + path, Query: next.Query()}
	return nil
}

var linkHeader = regexp.MustCompile(`<([^>]*)>([^<]*)`)

// linkNext is the address that a Link header has for rel="next".
func linkNext(h http.Header) string {
	for _, link := range linkHeader.FindAllStringSubmatch(strings.Join(h.Values("Link"), ", "), -1) {
		for param := range strings.SplitSeq(link[2], ";") {
			name, value, _ := strings.Cut(strings.Trim(param, " ,"), "=")
			if strings.EqualFold(name, "rel") && strings.Trim(value, `"`) == "next" {
				return link[1]
			}
		}
	}
	return ""
}

// rebase begins the list again at the key of the last row, where that is further than the key it began at. Else the list
// goes on by its own paging, as it must while a whole page has the same key.
func (w *walk) rebase(name string, last any) {
	if !w.more || last == nil || w.vars[name] != nil && gojq.Compare(last, w.vars[name]) <= 0 {
		return
	}
	w.vars[name] = last
	w.restart()
}
