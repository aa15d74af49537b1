package alerts

import (
	"sync"

	"github.com/prometheus/alertmanager/api/v2/models"
)

// message is one alert on its way to one Alertmanager.
type message struct {
	key   Key
	alert *models.PostableAlert // never changed, shared by all queues
	// resolved says that alert.EndsAt is when the alert ended. Otherwise it lasts, and its end is set when it is sent.
	resolved bool
}

// queue holds what an Alertmanager has yet to be told, in order. It holds each alert once, in its latest
// state: however long an Alertmanager is away, it gets no old news after new ones, and the queue does not outgrow
// the set of alerts. Beyond its capacity the oldest are dropped.
type queue struct {
	capacity int
	more     chan struct{} // has an element when there may be messages

	mu      sync.Mutex
	order   []Key
	waiting map[Key]message
}

func newQueue(capacity int) *queue {
	return &queue{capacity: capacity, more: make(chan struct{}, 1), waiting: make(map[Key]message)}
}

// put adds messages and returns how many had to be dropped.
func (q *queue) put(messages []message) (dropped int) {
	if len(messages) == 0 {
		return 0
	}
	q.mu.Lock()
	for _, m := range messages {
		if _, there := q.waiting[m.key]; !there {
			q.order = append(q.order, m.key)
		}
		q.waiting[m.key] = m
	}
	dropped = q.trim()
	q.mu.Unlock()
	q.signal()
	return dropped
}

// restore puts a batch back that could not be sent, in front, unless there is later news of an alert.
func (q *queue) restore(batch []message) (dropped int) {
	q.mu.Lock()
	front := make([]Key, 0, len(batch)+len(q.order))
	for _, m := range batch {
		if _, there := q.waiting[m.key]; !there {
			q.waiting[m.key] = m
			front = append(front, m.key)
		}
	}
	q.order = append(front, q.order...)
	dropped = q.trim()
	q.mu.Unlock()
	q.signal()
	return dropped
}

func (q *queue) trim() (dropped int) {
	dropped = max(len(q.order)-q.capacity, 0)
	for _, k := range q.order[:dropped] {
		delete(q.waiting, k)
	}
	q.order = q.order[dropped:]
	return dropped
}

// take removes up to n messages, oldest first.
func (q *queue) take(n int) []message {
	q.mu.Lock()
	defer q.mu.Unlock()
	n = min(n, len(q.order))
	batch := make([]message, n)
	for i, k := range q.order[:n] {
		batch[i] = q.waiting[k]
		delete(q.waiting, k)
	}
	q.order = q.order[n:]
	if len(q.order) > 0 {
		q.signal()
	}
	return batch
}

func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.order)
}

func (q *queue) signal() {
	select {
	case q.more <- struct{}{}:
	default:
	}
}
