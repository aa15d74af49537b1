package freshdesk

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-kit/log/level"

	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/upstream"
)

// statuses are what the numbers mean that are the same in every account.
var statuses = map[int]sla.Status{2: sla.StatusOpen, 3: sla.StatusPending, 4: sla.StatusSolved, 5: sla.StatusClosed}

// standard are statuses that an account starts with, and can change: by label, else by number.
var standard = []struct {
	id     int
	label  string
	status sla.Status
}{
	{6, "waiting on customer", sla.StatusPending},
	{7, "waiting on third party", sla.StatusOnHold},
}

// status is what a status means and the account's word for it. The SLA timers stand still in pending and on hold.
func (c *Client) status(id int) (s sla.Status, label string, known bool) {
	c.mu.Lock()
	label = c.labels[id]
	c.mu.Unlock()
	number := strconv.Itoa(id)
	if s, ok := statuses[id]; ok {
		if label == "" {
			label = string(s)
		}
		return s, label, true
	}
	for _, key := range []string{number, strings.ToLower(label)} {
		if s, ok := c.o.Statuses[key]; ok && key != "" {
			return s, orNumber(label, number), true
		}
	}
	for _, v := range standard {
		if strings.EqualFold(label, v.label) || label == "" && id == v.id {
			return v.status, orNumber(label, number), true
		}
	}
	return sla.StatusOpen, orNumber(label, number), false
}

func orNumber(label, number string) string {
	if label == "" {
		return number
	}
	return label
}

// openStatuses are the numbers of the statuses in which somebody has to work on a ticket: of those that tickets were
// seen in, too, and that the operator names, because only admins may read the account's list.
func (c *Client) openStatuses() (ids []int) {
	c.mu.Lock()
	all := slices.AppendSeq([]int{2, 3, 6, 7}, maps.Keys(c.labels))
	all = slices.AppendSeq(all, maps.Keys(c.met))
	c.mu.Unlock()
	for key := range c.o.Statuses {
		if id, err := strconv.Atoi(key); err == nil {
			all = append(all, id)
		}
	}
	slices.Sort(all)
	for _, id := range slices.Compact(all) {
		if s, _, _ := c.status(id); !s.Done() {
			ids = append(ids, id)
		}
	}
	return ids
}

const (
	// labelsEvery is how often the account's statuses are read, newLabelsEvery how often when there is a new one.
	labelsEvery    = time.Hour
	newLabelsEvery = time.Minute
)

// loadLabels reads the statuses of the account if they were not read lately. They are for admins: other agents' keys
// go without the labels.
func (c *Client) loadLabels(ctx context.Context, age time.Duration) {
	c.mu.Lock()
	fresh := !c.labelsAt.IsZero() && c.o.Now().Sub(c.labelsAt) < age
	c.mu.Unlock()
	if fresh {
		return
	}
	labels, err := c.readLabels(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		c.labels, c.labelsAt = labels, c.o.Now()
		return
	}
	if upstream.ReasonOf(err) == upstream.Permission {
		c.labelsAt = c.o.Now()
	}
	level.Warn(c.o.Logger).Log("msg", "ticket fields cannot be read: the account's own statuses are known by number only", "err", err)
}

func (c *Client) readLabels(ctx context.Context) (map[int]string, error) {
	var fields []struct {
		Name    string        `json:"name"`
		Type    string        `json:"type"`
		Choices statusChoices `json:"choices"`
	}
	if _, err := c.get(ctx, "/api/v2/ticket_fields", nil, &fields); err != nil {
		return nil, err
	}
	labels := make(map[int]string)
	for _, f := range fields {
		if f.Type != "default_status" {
			continue
		}
		for number, label := range f.Choices {
			if id, err := strconv.Atoi(number); err == nil {
				labels[id] = feed.Intern(label)
			}
		}
	}
	return labels, nil
}

// meet remembers the statuses of tickets.
func (c *Client) meet(read []row) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range read {
		c.met[read[i].Status] = true
	}
}

// loadNewLabels reads the statuses again if one of the tickets has one that is not known.
func (c *Client) loadNewLabels(ctx context.Context, read []row) {
	for i := range read {
		if _, _, known := c.status(read[i].Status); !known {
			c.loadLabels(ctx, newLabelsEvery)
			return
		}
	}
}
