package feed

import (
	"sync"
	"time"
)

// Waiting remembers since when customers wait, for helpdesks that tell only of their latest message: what it saw of
// an earlier one stands until an agent answers. After a restart it begins anew, with the latest message. It is safe
// for concurrent use.
type Waiting struct {
	mu     sync.Mutex
	oldest map[string]time.Time
}

// Since is the oldest message since the last reply that is known of, where the helpdesk tells of the latest of both;
// zero while nobody waits.
func (w *Waiting) Since(id string, message, reply time.Time) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if message.IsZero() || !message.After(reply) {
		delete(w.oldest, id)
		return time.Time{}
	}
	if known := w.oldest[id]; known.After(reply) && known.Before(message) {
		return known
	}
	if w.oldest == nil {
		w.oldest = make(map[string]time.Time)
	}
	w.oldest[id] = message
	return message
}

// Forget forgets a ticket.
func (w *Waiting) Forget(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.oldest, id)
}
