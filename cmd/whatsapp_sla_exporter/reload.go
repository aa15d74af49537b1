package main

import (
	"context"
	"fmt"

	"whatsapp_sla_exporter/config"
)

// reloader is the one path to a new configuration, whether a signal or a request asks for it. It is an actor:
// reloads happen one after the other.
type reloader struct {
	path   string
	apply  func(*config.Config) error
	result func(error)
	asked  chan chan error
}

func newReloader(path string, apply func(*config.Config) error, result func(error)) *reloader {
	return &reloader{path: path, apply: apply, result: result, asked: make(chan chan error)}
}

// reload asks for a reload and waits for how it went. The old configuration stays in force when the new one is bad.
func (r *reloader) reload(ctx context.Context) error {
	answer := make(chan error, 1)
	select {
	case r.asked <- answer:
		return <-answer
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *reloader) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case answer := <-r.asked:
			err := r.load()
			r.result(err)
			answer <- err
		}
	}
}

func (r *reloader) load() error {
	c, err := config.Load(r.path)
	if err != nil {
		return err
	}
	if err := r.apply(c); err != nil {
		return fmt.Errorf("applying %s: %w", r.path, err)
	}
	return nil
}
