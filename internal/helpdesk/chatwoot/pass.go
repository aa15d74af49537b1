package chatwoot

import (
	"context"

	"whatsapp_sla_exporter/internal/helpdesk/feed"
)

// How many conversations a pass may ask the messages of.
const (
	pollCalls = 20
	openCalls = 100
)

// pass is a pass in the making.
type pass struct {
	*feed.Collector
	c     *Client
	calls int // that are left for messages
}

func (c *Client) collect(calls int) *pass { return &pass{feed.Collect(), c, calls} }

// add reads the rows of a page and puts their tickets into the pass.
func (p *pass) add(ctx context.Context, raw rows) []row {
	read := make([]row, 0, len(raw))
	for _, b := range raw {
		r, err := readRow(b)
		if err != nil {
			p.Bad(feed.ID(r.ID))
			continue
		}
		p.Put(p.ticket(ctx, &r))
		read = append(read, r)
	}
	return read
}
