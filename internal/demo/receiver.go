package demo

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// Receiver takes the notifications of a real Alertmanager and prints them, as a pager would.
type Receiver struct {
	out io.Writer
	now func() time.Time
}

// NewReceiver returns a receiver that prints to out.
func NewReceiver(out io.Writer, now func() time.Time) *Receiver { return &Receiver{out: out, now: now} }

// notification is what Alertmanager posts to a webhook.
type notification struct {
	Receiver string
	Alerts   []struct {
		Status              string
		Labels, Annotations map[string]string
	}
}

// ServeHTTP prints one notification, a line for each alert in it.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	var n notification
	if err := json.NewDecoder(http.MaxBytesReader(w, req.Body, 4<<20)).Decode(&n); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for _, a := range n.Alerts {
		text := cmp.Or(a.Annotations["description"], a.Annotations["summary"])
		if a.Status == "resolved" {
			text = a.Annotations["summary"]
		}
		fmt.Fprintf(r.out, "%s  %-8s  %-8s  %s: %s\n", r.now().Format(time.TimeOnly), a.Status, n.Receiver, a.Labels["alertname"], text)
	}
}

// Run listens on an address until ctx ends.
func (r *Receiver) Run(ctx context.Context, address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("listening for notifications: %w", err)
	}
	s := &http.Server{Handler: r, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { s.Close() })
	defer stop()
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
