package front

import (
	"net/http"
	"slices"
	"sort"
	"strconv"
	"time"

	"whatsapp_sla_exporter/internal/simulator/desk"
)

type event struct {
	n       int64
	kind    string
	at      time.Time
	id      int64 // of the conversation
	message int   // its place among the conversation's messages, where the event is about one; else -1
	merged  int64 // the conversation that became part of this one
}

// record keeps the event of a change. The desk holds its lock.
func (s *Server) record(t *desk.Ticket, kind string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := event{n: int64(len(s.events) + 1), kind: kind, at: t.Updated, id: t.ID, message: -1}
	switch {
	case kind == "inbound" || kind == "out_reply":
		e.message = len(t.Messages) - 1
	case t.MergedInto != 0: // it happens to the conversation that stays
		e.id, e.merged = t.MergedInto, t.ID
	}
	s.events = append(s.events, e)
}

// feed is the events, the newest first unless asked otherwise.
func (s *Server) feed(r *http.Request) desk.Reply {
	var q struct {
		After  float64  `json:"after"`
		Before float64  `json:"before"`
		Types  []string `json:"types"`
	}
	if name := desk.Unknown(r, "q", "limit", "page_token", "sort_by", "sort_order"); name != "" || !search(r, &q) {
		return bad("unknown parameter " + name)
	}
	limit, ok := desk.Number(r, "limit", 15, 1, 15)
	if !ok {
		return bad("limit must be at most 15")
	}
	ascending := r.URL.Query().Get("sort_order") == "asc"
	at := func(e *event) place { return place{e.at.UnixMilli(), e.n} }
	if !ascending {
		at = func(e *event) place { return place{-e.at.UnixMilli(), -e.n} }
	}
	token, _ := readPlace(r.URL.Query().Get("page_token")) // paged refuses one that is none
	found := s.some(ascending, limit+1, func(e *event) bool {
		p, seconds := at(e), float64(e.at.UnixMilli())/1000
		return seconds > q.After && (q.Before == 0 || seconds < q.Before) && (len(q.Types) == 0 || slices.Contains(q.Types, e.kind)) &&
			(token == place{} || p.key > token.key || p.key == token.key && p.n > token.n)
	}, q.After)
	return paged(r, found, at, limit, s.told)
}

// some are the first events that are wanted, of those after a time, in Unix seconds. They were recorded in order.
func (s *Server) some(ascending bool, most int, want func(*event) bool, after float64) (found []event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := sort.Search(len(s.events), func(i int) bool { return float64(s.events[i].at.UnixMilli())/1000 > after })
	events := slices.All(s.events[first:])
	if !ascending {
		events = slices.Backward(s.events[first:])
	}
	for _, e := range events {
		if len(found) == most {
			break
		}
		if want(&e) {
			found = append(found, e)
		}
	}
	return found
}

// told is an event, with the conversation as it is now, and whom or what it happened to.
func (s *Server) told(e *event) any {
	t := s.Find(e.id)
	out := map[string]any{
		"_links": map[string]any{"self": "https://acme.api.frontapp.com/events/evt_" + strconv.FormatInt(e.n, 36)},
		"id":     "evt_" + strconv.FormatInt(e.n, 36), "type": e.kind, "emitted_at": stamp(e.at),
		"source": map[string]any{"_meta": map[string]any{"type": "inboxes"}, "data": []any{map[string]any{"id": "inb_1", "name": "Support"}}},
		"target": map[string]any{"_meta": map[string]any{"type": "teammate"}, "data": map[string]any{"id": "tea_11", "email": "agent@acme.example"}},
	}
	if t != nil {
		out["conversation"] = s.row(t)
	}
	switch {
	case e.merged != 0:
		out["target"] = map[string]any{"_meta": map[string]any{"type": "deleted_conversation_ids"}, "data": []string{ID(e.merged)}}
	case t != nil && e.message >= 0:
		out["target"] = map[string]any{"_meta": map[string]any{"type": "message"}, "data": message(t, e.message, t.Messages[e.message])}
	}
	return out
}
