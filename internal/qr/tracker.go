package qr

import (
	"fmt"
	"time"

	"whatsapp_sla_exporter/internal/state"
)

// history is what is kept of a session over restarts.
type history struct {
	State State     `json:"state"`
	Since time.Time `json:"since"`
	// Online is whether the session was connected when that was last known.
	Online      bool   `json:"online"`
	Disconnects uint64 `json:"disconnects"`
}

var histories = state.NewTable[history]("qr_sessions")

// Tracker adds to sessions what follows from their readings over time. What it adds is stored first: a count that
// was once shown never goes back.
type Tracker struct{ store *state.Store }

// NewTracker returns a tracker that keeps its facts in store.
func NewTracker(store *state.Store) *Tracker { return &Tracker{store: store} }

// Observe takes a reading at the instant at, and sets the session's ChangedAt and Disconnects. A connection is lost
// when a session that was connected says that it is not: a gateway that cannot be read, or says nothing that is
// known, has lost nothing. What happened between two readings is not seen.
func (t *Tracker) Observe(s *Session, at time.Time) error {
	key := s.Gateway + "/" + s.Name
	var h history
	var known bool
	err := t.store.View(func(tx *state.Tx) (err error) {
		h, known, err = histories.Get(tx, key)
		return err
	})
	if err != nil {
		return fmt.Errorf("qr session %s: reading its history: %w", s.Name, err)
	}
	if next := h.after(s, known, at); next != h {
		h = next
		if err := t.store.Update(func(tx *state.Tx) error { return histories.Put(tx, key, h) }); err != nil {
			return fmt.Errorf("qr session %s: keeping its history: %w", s.Name, err)
		}
	}
	s.ChangedAt, s.Disconnects = h.Since, h.Disconnects
	return nil
}

// after is the history with a reading more.
func (h history) after(s *Session, known bool, at time.Time) history {
	if !known || h.State != s.State {
		h.State, h.Since = s.State, at.UTC().Truncate(time.Second)
	}
	if online, told := s.Connected(); told {
		if h.Online && !online {
			h.Disconnects++
		}
		h.Online = online
	}
	return h
}
