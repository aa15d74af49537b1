package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"

	"whatsapp_sla_exporter/collector"
	"whatsapp_sla_exporter/config"
	"whatsapp_sla_exporter/internal/state"
	"whatsapp_sla_exporter/internal/tickets"
)

func checkConfigCommand(app *kingpin.Application, s streams) command {
	c := app.Command("check-config", "Check the configuration and its policies.")
	file := configFlag(c)
	online := c.Flag("online", "Also read every source once, and tell what came or why not.").Bool()
	return command{c, func(ctx context.Context) error {
		return check(ctx, *file, *online, s)
	}}
}

// check builds everything that the configuration asks for, as a start would, and then reads it where that is asked
// for. It keeps what it learns in a state file of its own that it throws away: a check beside a running exporter
// must not touch the exporter's state.
func check(ctx context.Context, file string, online bool, s streams) (err error) {
	c, err := config.Load(file)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", name)
	if err != nil {
		return fmt.Errorf("a place for the check's state: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	store, err := state.Open(filepath.Join(dir, "state.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	specs, built, err := buildUnseen(c, store)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	fmt.Fprintf(s.out, "%s: %d account(s), %d helpdesk(s), %d policies: good\n", file,
		len(c.WhatsApp.Accounts), len(c.Helpdesks), len(c.PolicySet.Names()))
	if !online {
		return nil
	}
	return checkOnline(ctx, specs, built, s)
}

// buildUnseen builds the sources and the sidecar's way to Alertmanager, for nobody to see. Its error joins those of
// all sources.
func buildUnseen(c *config.Config, store *state.Store) (specs []spec, built []*source, err error) {
	unseen := prometheus.NewRegistry()
	b := &builder{
		store: store, self: &watch{Instrumentation: collector.NewInstrumentation(unseen)}, pushes: collector.NewPushes(unseen),
		log: log.NewNopLogger(), now: time.Now,
	}
	if b.hook, err = newHook(b, &sources{}); err != nil {
		return nil, nil, err
	}
	if specs, err = b.specs(c); err != nil {
		return nil, nil, err
	}
	var errs []error
	for _, w := range specs {
		o, err := w.build()
		built, errs = append(built, o), append(errs, err)
	}
	_, _, err = sidecarConfig(c)
	return specs, built, errors.Join(append(errs, err)...)
}

func checkOnline(ctx context.Context, specs []spec, built []*source, s streams) error {
	failed := 0
	for i, w := range specs {
		text, mapped, err := readOnce(ctx, built[i])
		if err != nil {
			failed++
			text = "cannot be read: " + err.Error()
		}
		fmt.Fprintf(s.out, "%s (%s): %s\n%s", w.name, w.kind, text, mapped)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d sources cannot be read", failed, len(specs))
	}
	return nil
}

// readOnce polls a source and sums up what came. Of a helpdesk with a profile it also tells what the first page was
// mapped to: that helps to write one, whether or not the poll then succeeds.
func readOnce(ctx context.Context, o *source) (text, mapped string, err error) {
	if o.preview != nil {
		report, err := o.preview(ctx, previewed)
		if err != nil {
			return "", "", err
		}
		mapped = report.String()
	}
	if err := o.loop.Once(ctx); err != nil {
		return "", mapped, err
	}
	return summary(o), mapped, nil
}

// previewed is how many tickets are shown as a profile mapped them.
const previewed = 5

func summary(o *source) string {
	switch {
	case o.account != nil:
		a := o.account()
		return fmt.Sprintf("%d WhatsApp Business Account(s), %d phone number(s)", len(a.WABAs), len(a.PhoneNumbers))
	case o.page != nil:
		return fmt.Sprintf("%d service(s)", len(o.page().Services))
	case o.session != nil:
		return string(o.session().State)
	}
	return summaryOfTickets(o.tickets())
}

func summaryOfTickets(t *tickets.Snapshot) string {
	var parts []string
	total, uncovered := 0, 0
	why := make(map[string]int)
	for _, c := range t.Open {
		total += c.Count
	}
	for _, u := range t.Uncovered {
		uncovered += u.Count
		why[string(u.Reason)] += u.Count
	}
	parts = append(parts, fmt.Sprintf("%d open ticket(s)", total))
	if uncovered > 0 {
		parts = append(parts, fmt.Sprintf("%d of them not covered by a policy (%s)", uncovered, counts(why)))
	}
	if t.Excluded > 0 {
		parts = append(parts, fmt.Sprintf("%d dropped by relabel_configs", t.Excluded))
	}
	if len(t.Urgent) > 0 {
		u := t.Urgent[0]
		parts = append(parts, fmt.Sprintf("next due: ticket %s, %s of %s, %s", u.Ticket, u.Target, u.Group.Policy, u.Due.UTC().Format(time.RFC3339)))
	}
	return strings.Join(parts, "; ")
}

// counts lists what was counted, such as "1 invalid, 12 no_severity".
func counts(of map[string]int) string {
	var parts []string
	for _, word := range slices.Sorted(maps.Keys(of)) {
		parts = append(parts, fmt.Sprintf("%d %s", of[word], word))
	}
	return strings.Join(parts, ", ")
}

func configFlag(c *kingpin.CmdClause) *string {
	return c.Flag("config.file", "Configuration file.").Default(name + ".yml").String()
}
