package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	_ "embed"

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
	// Webhook is the exporter's own address for webhooks; empty: none are sent.
	Webhook string
	Now     func() time.Time
	Logger  log.Logger
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

//go:embed config.yml.tmpl
var configText string

var configTemplate = template.Must(template.New("config").Option("missingkey=error").Parse(configText))

// Start starts the simulators on ports of their own, lets everything happen that would have happened by now, and
// writes a configuration that reads them.
func Start(o Options) (d *Demo, err error) {
	d = &Demo{o: o, world: newWorld(o.Now), left: newRound()}
	if o.Webhook != "" {
		d.sender = &webhook.Sender{URL: o.Webhook, Secret: appSecret}
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
		s, err := serve(h)
		if err != nil {
			return nil, err
		}
		d.servers = append(d.servers, s)
		urls[name] = s.url
	}
	furnish(d.world, d.began)
	if err := d.catchUp(); err != nil {
		return nil, err
	}
	return d, d.writeConfig(urls)
}

// Config is the path of the configuration.
func (d *Demo) Config() string { return filepath.Join(d.o.Dir, "config.yml") }

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

func (d *Demo) writeConfig(urls map[string]string) error {
	var b strings.Builder
	data := map[string]any{"URL": urls, "Alertmanager": d.o.Alertmanager, "Email": zendeskEmail}
	if err := configTemplate.Execute(&b, data); err != nil {
		return fmt.Errorf("writing the demo's configuration: %w", err)
	}
	return errors.Join(
		write(filepath.Join(d.o.Dir, "secrets", "graph-token"), graphToken),
		write(filepath.Join(d.o.Dir, "secrets", "zendesk-token"), zendeskToken),
		write(filepath.Join(d.o.Dir, "secrets", "waha-key"), wahaKey),
		write(filepath.Join(d.o.Dir, "secrets", "app-secret"), appSecret),
		write(filepath.Join(d.o.Dir, "secrets", "verify-token"), verifyToken),
		write(d.Config(), b.String()),
	)
}

func write(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	return nil
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
		if err := errors.Join(d.catchUp(), d.deliver(ctx)); err != nil {
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
