package zammad

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/go-kit/log/level"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/upstream"
)

// state is a ticket state of the instance. Its type says what it means.
type state struct {
	ID      int64      `json:"id"`
	Name    loose.Text `json:"name"`
	Type    loose.Text `json:"state_type"`
	Ignores bool       `json:"ignore_escalation"`
}

// stateTypes are what the types of states mean. A ticket in "merged" or "removed" is gone.
var stateTypes = map[loose.Text]sla.Status{
	"new": sla.StatusNew, "open": sla.StatusOpen, "pending reminder": sla.StatusPending, "pending action": sla.StatusPending,
	"closed": sla.StatusClosed, "merged": sla.StatusClosed, "removed": sla.StatusClosed,
}

// gone says whether the state is that of a ticket that is no ticket any more.
func (s state) gone() bool { return s.Type == "merged" || s.Type == "removed" }

// statesEvery is how often the states are read, and at most when a ticket has one that is not known.
const (
	statesEvery    = time.Hour
	newStatesEvery = time.Minute
)

// loadStates reads the states if they are not known or were read an hour ago. Old ones do until they can be read.
func (c *Client) loadStates(ctx context.Context) error {
	return c.loadStatesOlderThan(ctx, statesEvery)
}

func (c *Client) loadStatesOlderThan(ctx context.Context, age time.Duration) error {
	c.mu.Lock()
	known, fresh := c.states != nil, c.o.Now().Sub(c.statesAt) < age
	c.mu.Unlock()
	if known && fresh {
		return nil
	}
	var list []state
	err := c.call(ctx, upstream.Request{Path: "/api/v1/ticket_states", Query: url.Values{"expand": {"true"}}}, &list)
	if err == nil && len(list) == 0 {
		err = broken("no ticket states: the token needs the permission ticket.agent")
	}
	if err != nil {
		if !known {
			return err
		}
		level.Warn(c.o.Logger).Log("msg", "ticket states cannot be read, those read before are used", "err", err)
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.states, c.statesAt = make(map[int64]state, len(list)), c.o.Now()
	for _, s := range list {
		c.states[s.ID] = s
	}
	return nil
}

// loadNewStates reads the states again if one of the tickets has one that is not known.
func (c *Client) loadNewStates(ctx context.Context, read []row) {
	c.mu.Lock()
	missing := slices.ContainsFunc(read, func(r row) bool { return c.states[r.StateID].ID == 0 })
	c.mu.Unlock()
	if missing {
		_ = c.loadStatesOlderThan(ctx, newStatesEvery) // it is logged, and the ticket counted
	}
}

func (c *Client) stateOf(id int64) (state, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.states[id]
	return s, ok
}

// openStates are the ids of the states in which somebody has to work on a ticket, those of unknown types among them.
func (c *Client) openStates() (ids []int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, s := range c.states {
		if !stateTypes[s.Type].Done() {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}
