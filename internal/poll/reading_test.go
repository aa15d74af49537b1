package poll

import (
	"context"
	"errors"
	"testing"
	"time"
)

type page struct{ state string }

// reads answers with one result after the other.
type reads []func() (*page, error)

func (r *reads) Read(context.Context) (*page, error) {
	next := (*r)[0]
	*r = (*r)[1:]
	return next()
}

func TestReadingPublishesWhatWasRead(t *testing.T) {
	broken := errors.New("not readable")
	result := func(p *page, err error) func() (*page, error) { return func() (*page, error) { return p, err } }
	at := time.Unix(1_790_000_000, 0)
	var full bool
	keep := func(p *page, when time.Time) error {
		if full || !when.Equal(at) {
			return broken
		}
		return nil
	}
	r := NewReading("meta", "metastatus", &reads{
		result(nil, broken), result(&page{"first"}, nil), result(nil, broken), result(&page{"part"}, broken), result(&page{"lost"}, nil),
	}, keep, func() time.Time { return at })
	for _, step := range []struct {
		what, want string
		fails      bool
	}{
		{"a first read that fails publishes nothing", "", true},
		{"a good read is published", "first", false},
		{"a read that fails leaves it", "first", true},
		{"a part is published with its error", "part", true},
	} {
		err := r.Poll(t.Context())
		got := ""
		if p := r.Latest(); p != nil {
			got = p.state
		}
		if got != step.want || (err != nil) != step.fails {
			t.Errorf("%s: published %q, error %v", step.what, got, err)
		}
	}
	full = true
	if err := r.Poll(t.Context()); err == nil || r.Latest().state != "part" {
		t.Errorf("what could not be kept is shown: %v, %v", r.Latest(), err)
	}
}
