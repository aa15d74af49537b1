package graph

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// FakeToken is the token in every paging.next: a client that follows the URL, or logs it, shows it.
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
	limit := standardPage
	if raw := c.query.Get("limit"); raw != "" {
		n, err := strconv.Atoi(raw)
		if err != nil || n < 1 || n > e.largest {
			return nil, badParameter(fmt.Sprintf("Param limit must be a number between 1 and %d", e.largest))
		}
		limit = n
	}
	start, ok := offset(e, c.query.Get("after"))
	if !ok || start > total {
		return nil, &refusal{status: 400, code: e.badCursor, message: fmt.Sprintf("(#%d) Invalid cursor", e.badCursor)}
	}
	end := min(start+limit, total)
	data := []any{}
	for i := start; i < end; i++ {
		data = append(data, item(i))
	}
	paging := map[string]any{"cursors": map[string]any{"before": cursor(e, start), "after": cursor(e, end)}}
	if end < total {
		next := cloneQuery(c.query, map[string]string{"after": cursor(e, end), "access_token": FakeToken})
		paging["next"] = c.base + "/" + strings.Join(c.path, "/") + "?" + next.Encode()
	}
	if total == 0 {
		return map[string]any{"data": data}, nil
	}
	return map[string]any{"data": data, "paging": paging}, nil
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
