package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/go-kit/log"

	"whatsapp_sla_exporter/collector"
	"whatsapp_sla_exporter/config"
	"whatsapp_sla_exporter/internal/helpdesk/push"
	"whatsapp_sla_exporter/internal/poll"
)

// pushed is how a helpdesk tells of its tickets by itself: the receiver of its webhooks, and the queue of what to
// look up.
type pushed struct {
	*push.Receiver
	*push.Queue
}

// lookupBatches are how many tickets a look-up names where one call does not read many: Chatwoot reads them one by one.
var lookupBatches = map[string]int{"chatwoot": 10}

// push makes the way for a helpdesk's webhooks; nil where it has none.
func (b *builder) push(h *config.Helpdesk, desk *poll.Helpdesk, loop *poll.Loop) (*pushed, error) {
	if h.Webhook == nil {
		b.pushes.Forget(h.Name)
		return nil, nil
	}
	logger := log.With(b.log, "source", h.Name)
	queue := push.NewQueue(push.QueueOptions{
		Lookup: func(ctx context.Context, ids []string) error {
			defer b.self.tell() // what was read before a failure may have changed tickets too
			return desk.Refresh(ctx, ids)
		},
		Batch: lookupBatches[h.Type], Ready: loop.Tried(), EarlyPoll: loop.Hint,
		LookedUp: func(err error) { b.pushes.LookedUp(h.Name, err) }, Overflowed: func() { b.pushes.Overflowed(h.Name) },
		Now: b.now, Logger: logger,
	})
	receiver, err := push.NewReceiver(push.Options{
		Type: h.Type, Secret: h.Webhook.Secret, Hint: queue.Add,
		Counted: func(r push.Result) { b.pushes.Counted(h.Name, r) }, Now: b.now, Logger: logger,
	})
	if err != nil {
		return nil, fmt.Errorf("helpdesk %s: %w", h.Name, err)
	}
	b.pushes.Source(h.Name)
	return &pushed{receiver, queue}, nil
}

// servePush hands a request to the helpdesk that it is addressed to, where that takes webhooks.
func (s *sources) servePush(w http.ResponseWriter, r *http.Request) {
	for _, o := range s.list() {
		if o.pushed != nil && o.name == r.PathValue("name") {
			o.pushed.ServeHTTP(w, r)
			return
		}
	}
	http.NotFound(w, r)
}

// forgetting drops the series of a source that ended.
func forgetting(self *collector.Instrumentation, pushes *collector.Pushes) func(name string) {
	return func(name string) {
		self.Forget(name)
		pushes.Forget(name)
	}
}
