package declarative

import (
	"context"
	"fmt"

	"golang.org/x/time/rate"

	"whatsapp_sla_exporter/internal/upstream"
)

// share is how much of an allowance the exporter takes for itself: the company's other programs live of it, too.
const share = 0.8

// unbound is the rate of an upstream whose calls the pace bounds.
const unbound = 1000

// pace bounds the calls by an allowance that the helpdesk tells. The nil pace bounds nothing.
type pace struct {
	limit *rate.Limiter
	least rate.Limit
}

// newPace returns the pace that a profile asks for, nil where it asks for none.
func newPace(r Rate) *pace {
	if r.Follow == "" {
		return nil
	}
	least := rate.Limit(r.PerSecond)
	return &pace{rate.NewLimiter(least, max(1, r.Burst)), least}
}

// wait waits for the next call.
func (p *pace) wait(ctx context.Context, call string) error {
	if p == nil {
		return nil
	}
	if err := p.limit.Wait(ctx); err != nil {
		return &upstream.Error{Reason: upstream.Timeout, Call: call, Err: fmt.Errorf("waiting for the rate budget: %w", err)}
	}
	return nil
}

// follow takes the allowance of calls a minute.
func (p *pace) follow(perMinute float64) {
	if p != nil {
		p.limit.SetLimit(max(p.least, rate.Limit(perMinute*share/60)))
	}
}

// plenty is how many times the least allowance there is.
func (p *pace) plenty() float64 {
	if p == nil {
		return 1
	}
	return float64(p.limit.Limit() / p.least)
}
