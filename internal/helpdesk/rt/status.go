package rt

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/sla"
)

// statusDeleted hides a ticket from every search.
const statusDeleted = "deleted"

// statuses are those of RT's default lifecycle.
var statuses = map[string]sla.Status{
	"new": sla.StatusNew, "open": sla.StatusOpen, "stalled": sla.StatusPending,
	"resolved": sla.StatusSolved, "rejected": sla.StatusClosed, statusDeleted: sla.StatusClosed,
}

// ownStatus is a status that an installation made for the lifecycle of a queue.
type ownStatus struct {
	queue int64
	name  string
}

// activity is whether tickets in a status are active, and when RT said so.
type activity struct {
	active bool
	at     time.Time
}

// activityFor is how long RT's word is taken for what it was: its lifecycles are in its configuration.
const activityFor = time.Hour

// known is what a status stands for, by the operator's word or RT's default lifecycle.
func (c *Client) known(name string) (sla.Status, bool) {
	name = strings.ToLower(name)
	if s, ok := c.o.Statuses[name]; ok {
		return s, true
	}
	s, ok := statuses[name]
	return s, ok
}

// status is what a status stands for in a queue. One that nobody mapped is open or solved, as RT was heard to say, and
// open where it was not asked: a ticket nobody watches is worse than one somebody watches in vain.
func (c *Client) status(queue int64, name string) sla.Status {
	if s, ok := c.known(name); ok {
		return s
	}
	if a, ok := c.active[ownStatus{queue, name}]; ok && !a.active {
		return sla.StatusSolved
	}
	return sla.StatusOpen
}

// learnStatuses asks RT about the statuses of rows that nobody mapped: which tickets of the queue in that status are
// active. Of rows that came from a search for active tickets that is known.
func (c *Client) learnStatuses(ctx context.Context, rows []row, active bool) error {
	for i := range rows {
		own := ownStatus{rows[i].Queue.ID.N, rows[i].Status}
		if _, ok := c.known(own.name); ok {
			continue
		}
		a, asked := c.active[own]
		if !active && asked && c.o.Now().Sub(a.at) < activityFor {
			continue
		}
		is := active
		if !active {
			var err error
			if is, err = c.isActive(ctx, own); err != nil {
				return err
			}
		}
		c.active[own] = activity{is, c.o.Now()}
	}
	return nil
}

func (c *Client) isActive(ctx context.Context, s ownStatus) (bool, error) {
	q := url.Values{"per_page": {strconv.Itoa(1)}, "query": {
		fmt.Sprintf("Queue = '%d' AND Status = %s AND Status = '__Active__'", s.queue, quote(s.name)),
	}}
	var page list[struct{}]
	if err := c.patiently(ctx, ticketsPath, q, &page); err != nil {
		return false, err
	}
	return len(page.Items) > 0, nil
}
