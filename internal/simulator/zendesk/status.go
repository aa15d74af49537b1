package zendesk

import (
	"fmt"
	"net/http"
	"slices"
)

// CustomStatus is a ticket status that the account added to the system's own.
type CustomStatus struct {
	ID       int64
	Label    string
	Category string // new, open, pending, hold, solved
	// Inactive says that tickets cannot be given it any more. Those that have it keep it, and the list shows it.
	Inactive bool
}

// AddStatus adds a status.
func (s *Server) AddStatus(c CustomStatus) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.o.Statuses = append(slices.Clone(s.o.Statuses), c)
}

// ChangeStatus replaces the status that has the same ID: another label, or active or not.
func (s *Server) ChangeStatus(c CustomStatus) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := slices.Clone(s.o.Statuses)
	i := slices.IndexFunc(list, func(have CustomStatus) bool { return have.ID == c.ID })
	if i < 0 {
		return fmt.Errorf("custom status %d does not exist", c.ID)
	}
	list[i] = c
	s.o.Statuses = list
	return nil
}

// DeleteStatus deletes a status: the list does not show it any more, the tickets that have it keep its id.
func (s *Server) DeleteStatus(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.o.Statuses = slices.DeleteFunc(slices.Clone(s.o.Statuses), func(c CustomStatus) bool { return c.ID == id })
}

// customStatuses lists the account's statuses; the list is not paged. It shows inactive ones unless asked not to.
func (s *Server) customStatuses(r *http.Request, _ Role) (any, *refusal) {
	type status struct {
		ID       int64  `json:"id"`
		Category string `json:"status_category"`
		Agent    string `json:"agent_label"`
		Customer string `json:"end_user_label"`
		Active   bool   `json:"active"`
		Default  bool   `json:"default"`
	}
	out := []status{}
	for _, c := range s.o.Statuses {
		if active := r.URL.Query().Get("active"); active == "" || (active == "true") != c.Inactive {
			out = append(out, status{c.ID, c.Category, c.Label, c.Label, !c.Inactive, s.defaultStatus(c.Category) == c.ID})
		}
	}
	return map[string]any{"custom_statuses": out}, nil
}
