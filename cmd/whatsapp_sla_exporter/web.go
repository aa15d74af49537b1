package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"syscall"
	"time"

	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"
)

// handlers are the parts of the exporter that answer over HTTP.
type handlers struct {
	metrics http.Handler
	board   http.Handler
	hook    http.Handler
	push    http.HandlerFunc
	ready   func() bool
	reload  func(context.Context) error
}

func newMux(h handlers) (*http.ServeMux, error) {
	landing, err := web.NewLandingPage(web.LandingConfig{
		Name:        "WhatsApp SLA exporter",
		Description: "The health of WhatsApp channels and the SLA state of support tickets, for Prometheus.",
		Version:     version.Info(),
		Profiling:   "false", // there is no /debug/pprof
		Links: []web.LandingLinks{
			{Address: "/metrics", Text: "Metrics"},
			{Address: "/board", Text: "Board", Description: "what breaches next and what is red"},
			{Address: "/-/healthy", Text: "Health"},
			{Address: "/-/ready", Text: "Readiness", Description: "every source was read or given up on"},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("landing page: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", landing)
	mux.Handle("GET /metrics", h.metrics)
	mux.Handle("GET /board", h.board)
	mux.Handle("/webhooks/whatsapp", h.hook)
	mux.HandleFunc("POST /webhooks/helpdesk/{name}", h.push)
	mux.HandleFunc("GET /-/healthy", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "OK") })
	mux.HandleFunc("GET /-/ready", h.serveReady)
	mux.HandleFunc("POST /-/reload", h.serveReload)
	mux.HandleFunc("PUT /-/reload", h.serveReload)
	return mux, nil
}

func (h handlers) serveReady(w http.ResponseWriter, _ *http.Request) {
	if !h.ready() {
		http.Error(w, "not ready: some source was not read for the first time yet", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "OK")
}

func (h handlers) serveReload(w http.ResponseWriter, r *http.Request) {
	if err := h.reload(r.Context()); err != nil {
		http.Error(w, "the old configuration stays in force: "+err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprintln(w, "OK")
}

// webServer is an actor that serves until it is interrupted, then lets requests under way end.
type webServer struct {
	server *http.Server
	flags  *web.FlagConfig
	logger *slog.Logger
}

// drainTime bounds how long requests under way may hold up the end; SIGTERM must be done in 5 s.
const drainTime = 2 * time.Second

func newWebServer(h http.Handler, flags *web.FlagConfig, logger *slog.Logger) *webServer {
	return &webServer{flags: flags, logger: logger, server: &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      2 * time.Minute, // a scraper that stops reading must not hold a scrape for ever
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}}
}

func (s *webServer) run() error {
	err := web.ListenAndServe(s.server, s.flags, s.logger)
	switch {
	case errors.Is(err, http.ErrServerClosed):
		return nil
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%w; choose another address with --web.listen-address", err)
	}
	return err
}

// checkWeb looks at the file of --web.config.file before anything starts: the server that reads it later does not
// say which file it complains of.
func checkWeb(flags *web.FlagConfig) error {
	if err := web.Validate(*flags.WebConfigFile); err != nil {
		return fmt.Errorf("--web.config.file %s: %w", *flags.WebConfigFile, err)
	}
	return nil
}

func (s *webServer) interrupt(error) {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	if err := s.server.Shutdown(ctx); err != nil {
		s.server.Close()
	}
}
