package zendesk

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// position is a place in a list that is sorted by a key and then by ticket id. A cursor is a position in a form
// that clients have no business to read.
type position struct {
	key int64
	id  int64
}

func (p position) cursor() string {
	return base64.URLEncoding.EncodeToString(fmt.Appendf(nil, "%d.0|||%d", p.key, p.id))
}

func readCursor(cursor string) (p position, ok bool) {
	b, err := base64.URLEncoding.DecodeString(cursor)
	if err != nil {
		return p, false
	}
	key, id, found := strings.Cut(string(b), ".0|||")
	p.key, err = strconv.ParseInt(key, 10, 64)
	if err != nil || !found {
		return p, false
	}
	p.id, err = strconv.ParseInt(id, 10, 64)
	return p, err == nil
}

func (p position) before(key, id int64) bool { return p.key < key || p.key == key && p.id < id }

// incrementalTickets is the export by cursor: rows in the order in which they changed, deleted ones too, except
// those that changed in the last minute.
func (s *Server) incrementalTickets(r *http.Request, role Role) (any, *refusal) {
	if no := forAdmins(role); no != nil {
		return nil, no
	}
	after, no := s.exportStart(r)
	if no != nil {
		return nil, no
	}
	size, no := number(r, "per_page", 1000, 1000)
	if no != nil {
		return nil, no
	}
	in, no := s.includes(r)
	if no != nil {
		return nil, no
	}
	settled := s.o.Now().Add(-s.o.ExportDelay)
	list := s.sorted(func(t *ticket) bool {
		return after.before(t.generated.Unix(), t.id) && !t.generated.After(settled)
	}, func(t *ticket) int64 { return t.generated.Unix() })
	end := len(list) <= size
	list = list[:min(size, len(list))]
	rows := []row{}
	for _, t := range list {
		rows = append(rows, s.row(r, t, in))
		after = position{t.generated.Unix(), t.id}
	}
	url := fmt.Sprintf("http://%s/api/v2/incremental/tickets/cursor.json?cursor=%s", r.Host, after.cursor())
	return map[string]any{
		"tickets": rows, "after_cursor": after.cursor(), "after_url": url,
		"before_cursor": nil, "before_url": nil, "end_of_stream": end,
	}, nil
}

// exportStart reads where an export begins: after a cursor, or at a time that is at least a minute past.
func (s *Server) exportStart(r *http.Request) (position, *refusal) {
	q := r.URL.Query()
	if cursor := q.Get("cursor"); cursor != "" {
		p, ok := readCursor(cursor)
		if !ok {
			return p, badValue("cursor is not valid")
		}
		return p, nil
	}
	start, no := s.startTime(r)
	return position{start.Unix(), -1}, no
}

func (s *Server) startTime(r *http.Request) (time.Time, *refusal) {
	n, err := strconv.ParseInt(r.URL.Query().Get("start_time"), 10, 64)
	if err != nil || n < 0 {
		return time.Time{}, badValue("start_time must be Unix time in seconds")
	}
	start := time.Unix(n, 0)
	if s.o.Now().Sub(start) < time.Minute {
		return start, &refusal{http.StatusUnprocessableEntity, "StartTimeTooRecent", "Too recent start_time. Use a start_time older than 60 seconds"}
	}
	return start, nil
}
