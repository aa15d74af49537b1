package demo

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// server is one simulator on a port of its own.
type server struct {
	url  string
	http *http.Server
	done chan error
}

func serve(h http.Handler) (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening for a simulator: %w", err)
	}
	s := &server{
		url: "http://" + l.Addr().String(), done: make(chan error, 1),
		http: &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second},
	}
	go func() { s.done <- s.http.Serve(l) }()
	return s, nil
}

func (s *server) close() error {
	err := s.http.Close()
	if e := <-s.done; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return err
}
