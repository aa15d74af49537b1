package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"whatsapp_sla_exporter/internal/simulator/webhook"
)

// Options configure a Demo.
type Options struct {
	// Dir keeps the configuration, the credentials and the instant of the first start.
	Dir string
	// Alertmanager is the address of one that gets the alerts, host:port; empty: there is no sidecar.
	Alertmanager string
	// Exporter is where the exporter serves, for webhooks: http://host:port. Empty: none are sent.
	Exporter string
	Now      func() time.Time
	Logger   log.Logger
}

// Demo is the running simulators.
type Demo struct {
	o       Options
	world   *world
	servers []*server
	sender  *webhook.Sender
	began   time.Time
	round   int     // the present one, 0 the first
	left    []event // of the round
}

// After longer than this a demo that is started again begins anew.
const resumable = 2 * time.Hour

// Start starts the simulators on ports of their own, lets everything happen that would have happened by now, and
// writes a configuration that reads them.
func Start(o Options) (d *Demo, err error) {
	d = &Demo{o: o, world: newWorld(o.Now), left: newRound()}
	if o.Exporter != "" {
		d.sender = &webhook.Sender{URL: o.Exporter + "/webhooks/whatsapp", Secret: appSecret}
	}
	if err := d.begin(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}()
	urls := make(map[string]string)
	for name, h := range d.world.handlers() {
		s, err := serve(d.world.between(h))
		if err != nil {
			return nil, err
		}
		d.servers = append(d.servers, s)
		urls[name] = s.url
	}
	if err := furnish(d.world, d.began); err != nil {
		return nil, err
	}
	if err := d.catchUp(); err != nil {
		return nil, err
	}
	d.world.takeHints() // Zendesk gave up on those of the past
	return d, d.writeConfig(urls)
}

// begin reads when the demo was first started. A demo of long ago is forgotten with all its state.
func (d *Demo) begin() error {
	path := filepath.Join(d.o.Dir, "began")
	raw, err := os.ReadFile(path)
	if err == nil {
		d.began, err = time.Parse(time.RFC3339, strings.TrimSpace(string(raw)))
	}
	if err == nil && d.o.Now().Sub(d.began) < resumable && !d.began.After(d.o.Now()) {
		return nil
	}
	d.began = d.o.Now().Truncate(time.Second)
	if err := os.Remove(filepath.Join(d.o.Dir, "state.db")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("forgetting the demo before: %w", err)
	}
	return write(path, d.began.Format(time.RFC3339)+"\n")
}

// next is when the next event happens, and what it is. Rounds follow each other for ever.
func (d *Demo) next() (time.Time, event) {
	if len(d.left) == 0 {
		d.round++
		d.left = newRound()
	}
	e := d.left[0]
	return d.roundBegan().Add(e.after), e
}

func (d *Demo) roundBegan() time.Time { return d.began.Add(time.Duration(d.round) * round) }

// catchUp lets everything happen whose time has come. What a later round's tickets lived through before the round
// began happens when it begins: until then nobody knows of them.
func (d *Demo) catchUp() error {
	for {
		at, e := d.next()
		if d.wait(at) > 0 {
			return nil
		}
		if err := d.world.happen(at, e.do); err != nil {
			return fmt.Errorf("demo scenario: %w", err)
		}
		d.left = d.left[1:]
	}
}

// wait is how long it is until an event of the present round may happen.
func (d *Demo) wait(at time.Time) time.Duration {
	return max(at.Sub(d.o.Now()), d.roundBegan().Sub(d.o.Now()))
}

// deliverEvery is how often webhooks are sent.
const deliverEvery = 5 * time.Second

// Run lets the scenario happen until ctx ends.
func (d *Demo) Run(ctx context.Context) error {
	t := time.NewTicker(deliverEvery)
	defer t.Stop()
	for {
		at, _ := d.next()
		next := time.NewTimer(max(d.wait(at), 0))
		select {
		case <-ctx.Done():
			next.Stop()
			return nil
		case <-t.C:
		case <-next.C:
		}
		next.Stop()
		err := d.catchUp()
		d.deliverHints(ctx)
		if err := errors.Join(err, d.deliver(ctx)); err != nil {
			level.Error(d.o.Logger).Log("msg", "the scenario stopped", "err", err)
			return err
		}
	}
}

// Close stops the simulators.
func (d *Demo) Close() error {
	var errs []error
	for _, s := range d.servers {
		errs = append(errs, s.close())
	}
	return errors.Join(errs...)
}
