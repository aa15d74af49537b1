package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/oklog/run"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"

	"whatsapp_sla_exporter/alerts"
	"whatsapp_sla_exporter/collector"
	"whatsapp_sla_exporter/config"
	"whatsapp_sla_exporter/internal/board"
	"whatsapp_sla_exporter/internal/discovery"
	"whatsapp_sla_exporter/internal/state"
)

// listenAddress is where the exporter listens unless told otherwise.
const listenAddress = ":9877"

func serveCommand(app *kingpin.Application, logs *logFlags, s streams) command {
	c := app.Command("serve", "Run the exporter, and the sidecar where the configuration has an Alertmanager.").Default()
	file := configFlag(c)
	flags := kingpinflag.AddFlags(c, listenAddress)
	return command{c, func(ctx context.Context) error {
		logger, view := logs.loggers(s.err)
		if err := checkWeb(flags); err != nil {
			return err
		}
		e, err := newExporter(*file, logger, view, time.Now)
		if err != nil {
			return err
		}
		return e.run(ctx, flags)
	}}
}

// exporter is the running program: its sources, what they are shown as, and who may change the configuration.
type exporter struct {
	log   log.Logger
	slog  *slog.Logger
	now   func() time.Time
	file  string
	store *state.Store
	// statePath is where store is: it stays open, so that a reload cannot move it.
	statePath string

	registry *prometheus.Registry
	self     *collector.Instrumentation
	*sources
	collector *collector.Collector
	build     *builder
	hook      *hook
	reloads   *reloader
	sidecar   *alerts.Sidecar
	told      *alertmanagers
	stale     staleAfter
}

// newExporter loads the configuration and builds everything that it asks for. Nothing runs yet.
func newExporter(file string, logger log.Logger, view *slog.Logger, now func() time.Time) (*exporter, error) {
	c, err := config.Load(file)
	if err != nil {
		return nil, err
	}
	store, err := state.Open(c.State.Path)
	if err != nil {
		return nil, err
	}
	e := &exporter{log: logger, slog: view, now: now, file: file, store: store, statePath: c.State.Path, registry: newRegistry()}
	e.self = collector.NewInstrumentation(e.registry)
	pushes := collector.NewPushes(e.registry)
	e.sources = &sources{forget: forgetting(e.self, pushes)}
	e.collector = collector.New(e.sources, e.sources, now)
	changed := make(chan struct{}, 1)
	e.build = &builder{store: store, self: &watch{e.self, changed}, pushes: pushes, log: logger, now: now}
	if e.hook, err = newHook(e.build, e.sources); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	e.build.hook = e.hook
	e.sidecar = alerts.New(alerts.Options{
		Helpdesks: e.sources, Changed: changed, Diagnose: e.diagnose, Store: store, Registerer: e.registry, Logger: logger, Now: now,
	})
	e.told = &alertmanagers{sidecar: e.sidecar, log: logger}
	e.told.discovery = discovery.New(discovery.Options{Changed: e.told.found, Registerer: e.registry, Logger: logger})
	e.reloads = newReloader(file, e.apply, e.reloaded)
	if err := e.apply(c); err != nil {
		return nil, errors.Join(fmt.Errorf("applying %s: %w", file, err), store.Close())
	}
	e.self.Reloaded(true, now())
	return e, nil
}

func newRegistry() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		versioncollector.NewCollector(name),
	)
	return r
}

// apply puts a configuration in force, or leaves everything as it is.
func (e *exporter) apply(c *config.Config) error {
	if c.State.Path != e.statePath {
		return fmt.Errorf("state.path %s: the state is in %s, and only a restart moves it", c.State.Path, e.statePath)
	}
	specs, err := e.build.specs(c)
	if err != nil {
		return err
	}
	sidecar, access, err := sidecarConfig(c)
	if err != nil {
		return err
	}
	if err := e.sources.replace(specs); err != nil {
		return err
	}
	e.stale.set(time.Duration(c.Global.StaleAfter))
	e.self.StaleAfter(time.Duration(c.Global.StaleAfter))
	e.hook.config.Store(c.WhatsApp.Webhook)
	if err := e.hook.Keep(accountNames(c)); err != nil {
		return err
	}
	e.collector.Configure(collector.Config{
		StaleAfter: time.Duration(c.Global.StaleAfter), Policies: policyTargets(c.PolicySet),
	})
	e.told.configure(sidecar, access, discoveryConfig(c.Alertmanager))
	return nil
}

func accountNames(c *config.Config) []string {
	var names []string
	for i := range c.WhatsApp.Accounts {
		names = append(names, c.WhatsApp.Accounts[i].Name)
	}
	return names
}

func (e *exporter) reloaded(err error) {
	e.self.Reloaded(err == nil, e.now())
	if err != nil {
		level.Error(e.log).Log("msg", "configuration not reloaded, the old one stays in force", "file", e.file, "err", err)
		return
	}
	level.Info(e.log).Log("msg", "configuration reloaded", "file", e.file)
}

// run runs everything, and what else is asked for, until a signal, ctx or a failure ends it, and lets it end in
// order.
func (e *exporter) run(ctx context.Context, flags *web.FlagConfig, more ...func(context.Context) error) error {
	mux, err := newMux(handlers{
		metrics: collector.Handler(collector.Merge(e.registry, e.collector, collector.NewChannels(e, e.stale.get, e.now), e.hook), collector.HandlerOptions{
			Registry: e.registry, ErrorLog: scrapeLog{e.slog}, Now: e.now,
		}),
		board:  board.Handler(e, board.Options{StaleAfter: e.stale.get, Now: e.now}),
		hook:   e.hook,
		push:   e.sources.servePush,
		ready:  e.sources.ready,
		reload: e.reloads.reload,
	})
	if err != nil {
		return err
	}
	server := newWebServer(mux, flags, e.slog)
	level.Info(e.log).Log("msg", "starting", "version", version.Info(), "file", e.file)

	var g run.Group
	add := func(f func(context.Context) error) {
		actor, cancel := context.WithCancel(ctx)
		g.Add(func() error { return f(actor) }, func(error) { cancel() })
	}
	add(e.sources.run)
	add(e.told.discovery.Run)
	add(e.sidecar.Run)
	add(e.reloads.run)
	add(e.hangups)
	add(e.hook.Run)
	for _, f := range more {
		add(f)
	}
	g.Add(server.run, server.interrupt)
	g.Add(run.SignalHandler(ctx, os.Interrupt, syscall.SIGTERM))
	err = g.Run()
	level.Info(e.log).Log("msg", "stopped", "reason", err)
	if errors.Is(err, run.ErrSignal) || ctx.Err() != nil {
		err = nil
	}
	return errors.Join(err, closing(e.store.Close()))
}

func closing(err error) error {
	if err != nil {
		return fmt.Errorf("closing the state: %w", err)
	}
	return nil
}

// hangups reloads on SIGHUP.
func (e *exporter) hangups(ctx context.Context) error {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-hup:
			_ = e.reloads.reload(ctx) // reloaded has told of it
		}
	}
}
