package alerts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/go-openapi/strfmt"
	"github.com/prometheus/alertmanager/api/v2/models"
)

const (
	batchSize      = 256 // alerts a request, as Prometheus sends them
	defaultTimeout = 10 * time.Second
	firstRetry     = time.Second
	longestRetry   = 30 * time.Second
)

// sender tells one Alertmanager everything, on its own time: a dead one delays nobody else.
type sender struct {
	name    string
	url     string
	origin  *http.Client // as configured
	client  *http.Client
	timeout time.Duration
	queue   *queue
	counts  *counters
	// lasting is how long after it is sent an alert lasts that is not sent again.
	lasting time.Duration
	now     func() time.Time
	logger  log.Logger
}

func newSender(e *Endpoint, counts *counters, lasting time.Duration, now func() time.Time, logger log.Logger) *sender {
	s := &sender{
		name: e.name(), url: e.URL.String(), origin: e.Client, client: e.sealed(), timeout: e.Timeout,
		queue: newQueue(queueCapacity), counts: counts, lasting: lasting, now: now, logger: logger,
	}
	if s.timeout == 0 {
		s.timeout = defaultTimeout
	}
	return s
}

// run sends until ctx ends, and then, once more and without waiting, what is still queued, until drain ends.
func (s *sender) run(ctx, drain context.Context) {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = firstRetry, longestRetry
	for {
		select {
		case <-ctx.Done():
			s.drain(drain)
			return
		case <-s.queue.more:
		}
		if s.next(ctx) == nil {
			wait.Reset()
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait.NextBackOff()):
		}
	}
}

// next sends one batch. One that may get through later goes back into the queue.
func (s *sender) next(ctx context.Context) error {
	batch := s.queue.take(batchSize)
	if len(batch) == 0 {
		return nil
	}
	err := s.send(ctx, batch)
	defer func() { s.counts.queued.Set(float64(s.queue.length())) }()
	if err == nil {
		s.counts.sent.Add(float64(len(batch)))
		return nil
	}
	if ctx.Err() == nil { // else it is only cut short, to be sent by drain
		s.counts.failed.Add(float64(len(batch)))
		level.Warn(s.logger).Log("msg", "sending alerts failed", "alertmanager", s.name, "alerts", len(batch), "err", err)
	}
	if errors.Is(err, errRefused) {
		return nil
	}
	s.counts.dropped.Add(float64(s.queue.restore(batch)))
	return err
}

func (s *sender) drain(ctx context.Context) {
	for s.queue.length() > 0 {
		if err := s.next(ctx); err != nil {
			level.Warn(s.logger).Log("msg", "alerts were not sent before the end", "alertmanager", s.name, "alerts", s.queue.length())
			return
		}
	}
}

// errRefused is an answer that sending the same again will not change. Alertmanager keeps the alerts of a batch that
// it could take.
var errRefused = errors.New("refused")

// final are the statuses of such answers.
var final = []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity}

func (s *sender) send(ctx context.Context, batch []message) error {
	body, err := json.Marshal(s.postable(batch))
	if err != nil {
		return fmt.Errorf("%w: %w", errRefused, err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%w: %w", errRefused, err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err // its text has the address, which may carry more than a name
		}
		return err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16)) // so that the connection is used again
	switch {
	case resp.StatusCode < 300:
		return nil
	case slices.Contains(final, resp.StatusCode):
		return fmt.Errorf("%w: %s", errRefused, resp.Status)
	}
	return fmt.Errorf("answered %s", resp.Status)
}

// postable stamps the end of what lasts: an alert that waited in the queue must not arrive as resolved.
func (s *sender) postable(batch []message) models.PostableAlerts {
	end := strfmt.DateTime(s.now().Add(s.lasting))
	out := make(models.PostableAlerts, len(batch))
	for i, m := range batch {
		out[i] = m.alert
		if !m.resolved {
			a := *m.alert
			a.EndsAt = end
			out[i] = &a
		}
	}
	return out
}
