package alerts

import "time"

// patience is after how many intervals without a read the alerts of a helpdesk are sent again by the clock. One
// interval is then left before Alertmanager would take them for resolved.
const patience = lifetimes - 1

// pace says when the alerts of each helpdesk are sent again: after a read that confirmed them, and by the clock
// alone only when reads fail to come.
//
// Of two replicas one reads first that a ticket is answered, and resolves its alert. If the other repeated by the
// clock what it still believes, the alert would fire anew, and page.
type pace map[string]beat

// beat is when the alerts of a helpdesk were last sent again, and the latest read seen.
type beat struct{ sent, read time.Time }

// due says which helpdesks' alerts to send again, given when each was last read. Half of the interval is enough
// after a read, because polls come a little early and late.
func (p pace) due(reads map[string]time.Time, now time.Time, interval time.Duration) map[string]bool {
	out := make(map[string]bool)
	for h := range p {
		if _, there := reads[h]; !there {
			delete(p, h)
		}
	}
	for h, read := range reads {
		b, known := p[h]
		ago, confirmed := now.Sub(b.sent), !read.Equal(b.read)
		b.read = read
		if !known || ago < 0 || confirmed && ago >= interval/2 || ago >= interval && !b.fresh(now, interval) {
			b.sent, out[h] = now, true
		}
		p[h] = b
	}
	return out
}

// fresh says whether a read may still come. A read of the future is none: the clock was set back.
func (b *beat) fresh(now time.Time, interval time.Duration) bool {
	age := now.Sub(b.read)
	return age >= 0 && age < patience*interval
}

// next is when the clock alone makes some helpdesk due.
func (p pace) next(now time.Time, interval time.Duration) time.Time {
	next := now.Add(patience * interval)
	for _, b := range p {
		at := b.sent.Add(interval)
		if b.fresh(now, interval) && at.Before(b.read.Add(patience*interval)) {
			at = b.read.Add(patience * interval)
		}
		if at.Before(next) {
			next = at
		}
	}
	return next
}
