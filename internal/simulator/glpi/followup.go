package glpi

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"whatsapp_sla_exporter/internal/simulator/desk"
)

// followup is what was written to a ticket after its opening, as a row of its table.
type followup map[string]any

// write numbers what is written to a ticket, in the order in which it is. The desk holds its lock.
func (s *Server) write(t *desk.Ticket, _ string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.written[t.ID]) < len(t.Messages)-1 {
		s.last++
		s.written[t.ID] = append(s.written[t.ID], s.last)
	}
}

func (s *Server) followupsOf(t *desk.Ticket) []followup {
	s.mu.Lock()
	ids := s.written[t.ID]
	s.mu.Unlock()
	rows := []followup{}
	for n, m := range t.Messages[1:] {
		user := technician
		if m.Customer {
			user = requester
		}
		private := 0
		if m.Private {
			private = 1
		}
		rows = append(rows, followup{
			"id": ids[n], "itemtype": "Ticket", "items_id": t.ID, "date": s.moment(m.At), "date_creation": s.moment(m.At),
			"date_mod": s.moment(m.At), "users_id": user, "users_id_editor": 0, "is_private": private, "content": "What somebody wrote", "requesttypes_id": 1,
			"timeline_position": 1,
		})
	}
	return rows
}

// followups are those of one ticket.
func (s *Server) followups(r *http.Request) desk.Reply {
	n, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	t := s.Find(n)
	if err != nil || t == nil || t.Deleted {
		return refuse(http.StatusNotFound, "ERROR_ITEM_NOT_FOUND", "Item not found")
	}
	return paged(r, s.followupsOf(t))
}

// allFollowups are those of all tickets, sorted by one of their columns and perhaps filtered by what others contain.
func (s *Server) allFollowups(r *http.Request) desk.Reply {
	var rows []followup
	for _, t := range s.List(func(t *desk.Ticket) bool { return !t.Deleted }, desk.ByID) {
		rows = append(rows, s.followupsOf(t)...)
	}
	for name, values := range r.URL.Query() {
		column, ok := strings.CutPrefix(name, "searchText[")
		if !ok {
			continue
		}
		column = strings.TrimSuffix(column, "]")
		rows = slices.DeleteFunc(rows, func(f followup) bool { return !strings.Contains(text(f[column]), values[0]) })
	}
	if by := r.URL.Query().Get("sort"); by != "" && by != "id" {
		return refuse(http.StatusBadRequest, "ERROR", "sort param is not a field of glpi_itilfollowups")
	}
	descending := r.URL.Query().Get("order") == "DESC"
	slices.SortFunc(rows, func(a, b followup) int {
		if descending {
			a, b = b, a
		}
		return int(min(max(a["id"].(int64)-b["id"].(int64), -1), 1))
	})
	return paged(r, rows)
}

func text(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case int:
		return strconv.Itoa(x)
	case int64:
		return strconv.FormatInt(x, 10)
	}
	return ""
}

func paged(r *http.Request, rows []followup) desk.Reply {
	from, to, no := ranged(r, len(rows))
	if no != nil {
		return *no
	}
	return answer(from, to, len(rows), rows[from:to])
}
