package main

import (
	"context"
	"fmt"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"whatsapp_sla_exporter/internal/evaluate"
)

func evaluateCommand(app *kingpin.Application, s streams) command {
	c := app.Command("evaluate", "Read tickets as NDJSON and write the state and instants of their targets as NDJSON.")
	policies := policyFlags(c)
	at := c.Flag("at", "Instant to evaluate at, RFC 3339. Default: now.").String()
	return command{c, func(context.Context) error {
		now, err := instant(*at)
		if err != nil {
			return err
		}
		set, place, err := policies()
		if err != nil {
			return err
		}
		return evaluate.Run(s.in, s.out, evaluate.Options{At: now, Clocks: set, Place: place})
	}}
}

func instant(at string) (time.Time, error) {
	if at == "" {
		return time.Now(), nil
	}
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return t, fmt.Errorf("--at: want RFC 3339 such as 2026-03-02T10:00:00Z: %w", err)
	}
	return t, nil
}
