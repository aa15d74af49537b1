package zendesk

import (
	"context"
	"slices"
	"time"

	"github.com/go-kit/log/level"

	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/sla"
)

// customStatus is a status that the account added, in one of the system's categories.
type customStatus struct {
	ID       int64  `json:"id"`
	Category string `json:"status_category"`
	Label    string `json:"agent_label"`
}

// statusList is what is known of the account's statuses. Those that were deleted are in no list: tickets keep their
// ids, and nothing is known of them but the category that each row has.
type statusList struct {
	known   map[int64]customStatus
	missing map[int64]bool // asked for and not found
	at      time.Time      // of the last reading
}

// status is a ticket's status and the helpdesk's own word for it. A row names the category; where it is one that
// nobody documented, the custom status may tell.
func (c *Client) status(r *row, unknown func(field, value string)) (sla.Status, string) {
	c.mu.Lock()
	custom := c.statuses.known[r.CustomStatus]
	c.mu.Unlock()
	raw := r.Status
	if custom.Label != "" {
		raw = custom.Label
	}
	if s, ok := statuses[r.Status]; ok {
		return s, feed.Intern(raw)
	}
	if s, ok := statuses[custom.Category]; ok {
		return s, feed.Intern(raw)
	}
	unknown("status", r.Status)
	return sla.StatusOpen, feed.Intern(raw)
}

// statusesEvery is how often the account's statuses are read again, because somebody may have renamed one.
const statusesEvery = time.Hour

// loadStatuses reads the account's statuses when a ticket has one that is new, and once an hour while tickets have any.
// An account without custom statuses, or one that does not let us see them, costs nothing but their labels.
func (c *Client) loadStatuses(ctx context.Context, rows []row) {
	if !c.statusesDue(rows) {
		return
	}
	var answer struct {
		Statuses []customStatus `json:"custom_statuses"`
	}
	err := c.get(ctx, "/custom_statuses", nil, &answer)
	if err != nil {
		level.Warn(c.o.Logger).Log("msg", "custom statuses cannot be read, their labels are not known", "err", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.statuses.at, c.statuses.missing = c.o.Now(), make(map[int64]bool)
	if err == nil {
		c.statuses.known = make(map[int64]customStatus, len(answer.Statuses))
		for _, s := range answer.Statuses {
			c.statuses.known[s.ID] = s
		}
	}
	for i := range rows {
		if _, known := c.statuses.known[rows[i].CustomStatus]; !known {
			c.statuses.missing[rows[i].CustomStatus] = true
		}
	}
}

func (c *Client) statusesDue(rows []row) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.o.Now().Sub(c.statuses.at) >= statusesEvery
	return slices.ContainsFunc(rows, func(r row) bool {
		_, known := c.statuses.known[r.CustomStatus]
		return r.CustomStatus != 0 && (old || !known && !c.statuses.missing[r.CustomStatus])
	})
}
