package graph

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/url"
	"strconv"
	"strings"
)

// FakeToken is the token in every paging.next and paging.previous: a client that follows the URL, or logs it, shows it.
const FakeToken = "EAAFollowedPagingNextAndLeakedTheToken"

// edge describes a list: what it is called in cursors, its largest page, and the error of a bad cursor.
type edge struct {
	name      string
	largest   int
	badCursor int
}

var (
	phonesEdge    = edge{"phone_numbers", 100, 100}
	templatesEdge = edge{"message_templates", 1000, 131059}
	wabasEdge     = edge{"whatsapp_business_accounts", 100, 100}
	appsEdge      = edge{"subscribed_apps", 100, 100}
)

// standardPage is the size of a page when none is asked for.
const standardPage = 25

// paged is one page of a list. A list that ends has cursors all the same, and no next.
func paged(c call, e edge, total int, item func(int) any) (any, *refusal) {
	size, no := limit(c, e)
	if no != nil {
		return nil, no
	}
	start, end, no := window(c, e, size, total)
	if no != nil {
		return nil, no
	}
	data := []any{}
	for i := start; i < end; i++ {
		data = append(data, item(i))
	}
	if total == 0 {
		return map[string]any{"data": data}, nil
	}
	paging := map[string]any{"cursors": map[string]any{"before": cursor(e, start), "after": cursor(e, end)}}
	if end < total {
		paging["next"] = c.page("after", cursor(e, end))
	}
	if start > 0 {
		paging["previous"] = c.page("before", cursor(e, start))
	}
	return map[string]any{"data": data, "paging": paging}, nil
}

// limit is the size of a page.
func limit(c call, e edge) (int, *refusal) {
	raw := c.query.Get("limit")
	if raw == "" {
		return standardPage, nil
	}
	n, err := strconv.Atoi(raw)
	if err != nil || n < 1 || n > e.largest {
		return 0, badParameter(fmt.Sprintf("Param limit must be a number between 1 and %d", e.largest))
	}
	return n, nil
}

// window is the part of the list that a cursor points to: what comes after it, or what comes before.
func window(c call, e edge, size, total int) (start, end int, no *refusal) {
	after, okAfter := offset(e, c.query.Get("after"))
	before, okBefore := offset(e, c.query.Get("before"))
	if !okAfter || !okBefore || after > total || before > total {
		return 0, 0, &refusal{status: 400, code: e.badCursor, message: fmt.Sprintf("(#%d) Invalid cursor", e.badCursor)}
	}
	if c.query.Get("before") != "" {
		return max(before-size, 0), before, nil
	}
	return after, min(after+size, total), nil
}

// page is the address of another page of the same list.
func (c call) page(direction, cursor string) string {
	q := maps.Clone(c.query)
	q.Del("after")
	q.Del("before")
	q.Set(direction, cursor)
	q.Set("access_token", FakeToken)
	return c.base + "/" + strings.Join(c.path, "/") + "?" + q.Encode()
}

func cursor(e edge, at int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(e.name + ":" + strconv.Itoa(at)))
}

func offset(e edge, cursor string) (int, bool) {
	if cursor == "" {
		return 0, true
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return 0, false
	}
	name, at, _ := strings.Cut(string(raw), ":")
	at = strings.TrimSuffix(at, skipped)
	n, err := strconv.Atoi(at)
	return n, err == nil && name == e.name && n >= 0
}

// skipped marks the cursor after a page whose entries were all filtered out.
const skipped = ":skipped"

// pastEmpty is the cursor that goes on where an empty page began.
func pastEmpty(before string) string {
	raw, err := base64.RawURLEncoding.DecodeString(before)
	if err != nil {
		return before
	}
	return base64.RawURLEncoding.EncodeToString(append(raw, skipped...))
}

// fakeNext is a URL to the page at a cursor.
func fakeNext(base, after string) string {
	return base + "?" + url.Values{"after": {after}, "access_token": {FakeToken}}.Encode()
}
