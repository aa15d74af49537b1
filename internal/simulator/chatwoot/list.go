package chatwoot

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// sorts are what newer servers can sort the list by.
var sorts = map[string]func(*conversation) int64{
	"last_activity_at": func(c *conversation) int64 { return c.activity.UnixNano() },
	"created_at":       func(c *conversation) int64 { return c.created.UnixNano() },
	"waiting_since":    func(c *conversation) int64 { return c.waiting.UnixNano() },
}

// found are the conversations of a status, open where none is named.
func (s *Server) found(q url.Values) []*conversation {
	status := cmp.Or(q.Get("status"), StatusOpen)
	var out []*conversation
	for _, c := range s.conversations {
		if !c.hidden && (status == "all" || c.status == status) {
			out = append(out, c)
		}
	}
	return out
}

func (s *Server) order(list []*conversation, by string) {
	key, descending := sorts["last_activity_at"], true
	for name, f := range sorts {
		if !s.o.Old && (by == name+"_asc" || by == name+"_desc") {
			key, descending = f, by == name+"_desc"
		}
	}
	type keyed struct {
		key int64
		c   *conversation
	}
	all := make([]keyed, len(list))
	for i, c := range list {
		all[i] = keyed{key(c), c}
		if descending {
			all[i].key = -all[i].key
		}
	}
	slices.SortFunc(all, func(a, b keyed) int {
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}
		return cmp.Compare(a.c.id, b.c.id)
	})
	for i, v := range all {
		list[i] = v.c
	}
}

// list lists conversations, 25 a page. Asked for those that changed within some seconds, newer servers list all of
// them at once; the counts are of all conversations of the status in any case.
func (s *Server) list(r *http.Request) (any, *refusal) {
	q := r.URL.Query()
	all := s.found(q)
	count := len(all)
	s.order(all, q.Get("sort_by"))
	if within := q.Get("updated_within"); within != "" && !s.o.Old {
		seconds, _ := strconv.Atoi(within) // what is no number is 0, as in Ruby
		since := s.o.Now().Add(-time.Duration(seconds) * time.Second)
		all = slices.DeleteFunc(all, func(c *conversation) bool { return !c.updated.After(since) })
	} else {
		page, _ := strconv.Atoi(q.Get("page"))
		all = all[min((max(page, 1)-1)*s.o.PageSize, len(all)):]
		all = all[:min(s.o.PageSize, len(all))]
	}
	rows := []map[string]any{}
	for _, c := range all {
		rows = append(rows, s.row(c))
	}
	return map[string]any{"data": map[string]any{"meta": counts(count), "payload": rows}}, nil
}

func counts(n int) map[string]int {
	return map[string]int{"mine_count": 0, "assigned_count": n, "unassigned_count": 0, "all_count": n}
}

// meta counts conversations.
func (s *Server) meta(r *http.Request) (any, *refusal) {
	return map[string]any{"meta": counts(len(s.found(r.URL.Query())))}, nil
}

func (s *Server) conversation(r *http.Request) (*conversation, *refusal) {
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	c := s.conversations[id]
	switch {
	case c == nil:
		return nil, notFound
	case c.hidden:
		return nil, hidden
	}
	return c, nil
}

// show shows one conversation.
func (s *Server) show(r *http.Request) (any, *refusal) {
	c, no := s.conversation(r)
	if no != nil {
		return nil, no
	}
	return s.row(c), nil
}

// messagesAPage is how many messages are shown at once, the latest.
const messagesAPage = 20

// messages shows the latest messages of a conversation, or those before one.
func (s *Server) messages(r *http.Request) (any, *refusal) {
	c, no := s.conversation(r)
	if no != nil {
		return nil, no
	}
	list := c.messages
	if before, err := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64); err == nil {
		list = slices.Clone(list)
		list = slices.DeleteFunc(list, func(m message) bool { return m.id >= before })
	}
	list = list[max(0, len(list)-messagesAPage):]
	rows := []any{}
	for i := range list {
		rows = append(rows, s.messageRow(c, &list[i]))
	}
	return map[string]any{"meta": map[string]any{"labels": c.Labels}, "payload": rows}, nil
}
