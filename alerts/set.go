package alerts

import (
	"slices"
	"time"

	"github.com/go-openapi/strfmt"
	"github.com/prometheus/alertmanager/api/v2/models"
)

// set is what Alertmanager should know: the alerts that last, and for a while the ones that ended.
type set struct {
	active map[Key]*active
	ended  map[Key]message
	// remembered are the dangers of before a restart, of the helpdesks that were not read since.
	remembered map[string][]memory
	// confirmed is when helpdesks were read, as remembered.
	confirmed map[string]time.Time
	round     uint64
}

// active is an alert that lasts.
type active struct {
	danger
	alert *models.PostableAlert
	round uint64 // in which it was last decided
}

func newSet(remembered map[string][]memory) *set {
	return &set{
		active: make(map[Key]*active), ended: make(map[Key]message), remembered: remembered,
		confirmed: make(map[string]time.Time),
	}
}

// update decides anew and returns what Alertmanager must be told at once, and what to remember of it. An alert ends
// only by a helpdesk that was read and does not have it any more, or that is not configured any more.
func (s *set) update(v *view, now time.Time, runbookBase string) ([]message, *changes) {
	s.round++
	if s.round == 1 {
		s.adopt(now, runbookBase)
	}
	var news []message
	changes := newChanges()
	readAt := v.reads()
	v.decide(now, func(k Key, d danger) {
		a := s.active[k]
		if a != nil && a.danger == d {
			a.round = s.round
			return
		}
		a = &active{danger: d, alert: d.alert(k, runbookBase), round: s.round}
		s.active[k] = a
		delete(s.ended, k)
		news = append(news, message{key: k, alert: a.alert})
		at := readAt[k.Helpdesk]
		if at.IsZero() {
			at = d.lastRead
		}
		changes.remember[memoryKey(k)] = memory{Deadline: d.deadline, ReadAt: at}
	})
	news = append(news, s.end(now, changes)...)
	s.outgrow(readAt, changes)
	s.confirm(readAt, changes)
	return news, changes
}

// confirm remembers when the helpdesks were read that have alerts.
func (s *set) confirm(readAt map[string]time.Time, changes *changes) {
	for k := range s.active {
		if at := readAt[k.Helpdesk]; !at.IsZero() && !at.Equal(s.confirmed[k.Helpdesk]) {
			s.confirmed[k.Helpdesk], changes.confirm[k.Helpdesk] = at, at
		}
	}
}

// adopt takes what was remembered for what Alertmanager knows, so that a ticket that was answered during the restart
// is resolved.
func (s *set) adopt(now time.Time, runbookBase string) {
	for helpdesk, memories := range s.remembered {
		for _, m := range memories {
			d := danger{deadline: m.Deadline, lastRead: m.ReadAt}
			k := d.key(helpdesk, now)
			s.active[k] = &active{danger: d, alert: d.alert(k, runbookBase)}
		}
	}
}

// end resolves what was not decided in this round.
func (s *set) end(now time.Time, changes *changes) []message {
	var news []message
	for k, a := range s.active {
		if a.round == s.round {
			continue
		}
		delete(s.active, k)
		changes.forget[memoryKey(k)] = struct{}{}
		alert := *a.alert
		alert.EndsAt = strfmt.DateTime(now)
		m := message{key: k, alert: &alert, resolved: true}
		s.ended[k] = m
		news = append(news, m)
	}
	return news
}

// outgrow forgets what was remembered of helpdesks that were read since, or are not configured any more: what of it
// still lasts is remembered anew.
func (s *set) outgrow(readAt map[string]time.Time, changes *changes) {
	for helpdesk, memories := range s.remembered {
		if at, configured := readAt[helpdesk]; configured && at.IsZero() {
			continue
		}
		delete(s.remembered, helpdesk)
		for _, m := range memories {
			k := Key{Helpdesk: helpdesk, Ticket: m.Deadline.Ticket, Group: m.Deadline.Group, Target: m.Deadline.Target}
			changes.forget[memoryKey(k)] = struct{}{}
		}
	}
}

// forget ends the repetition of what ended before the given instant.
func (s *set) forget(before time.Time) {
	for k, m := range s.ended {
		if time.Time(m.alert.EndsAt).Before(before) {
			delete(s.ended, k)
		}
	}
}

// of is everything that Alertmanager should know of some helpdesks, what is due first last, so that a queue that
// overflows keeps what matters most: the oldest in it are dropped.
func (s *set) of(chosen func(helpdesk string) bool) []message {
	var messages []message
	for k, m := range s.ended {
		if chosen(k.Helpdesk) {
			messages = append(messages, m)
		}
	}
	ended := len(messages)
	for k, a := range s.active {
		if chosen(k.Helpdesk) {
			messages = append(messages, message{key: k, alert: a.alert})
		}
	}
	slices.SortFunc(messages[ended:], func(x, y message) int {
		return s.active[y.key].deadline.Due.Compare(s.active[x.key].deadline.Due)
	})
	return messages
}

// reads is when each helpdesk was last read that has alerts or may have some. One that is not configured any more
// counts as never read.
func (s *set) reads(v *view) map[string]time.Time {
	reads := v.reads()
	for k := range s.ended {
		if _, configured := reads[k.Helpdesk]; !configured {
			reads[k.Helpdesk] = time.Time{}
		}
	}
	return reads
}
