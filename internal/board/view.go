package board

import (
	"fmt"
	"net/url"
	"slices"
	"time"

	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/tickets"
)

// view is what the page shows at one instant, in the order in which it shows it.
type view struct {
	At        time.Time
	Blind     []blindness
	Counts    []count
	Deadlines list[deadline]
	Causes    []cause
	Red       list[item]
	Well      []wellness
}

// blindness is a source that the rest of the page cannot be trusted about.
type blindness struct {
	Source string
	Since  time.Time // last good read; zero: never
}

type count struct {
	State sla.State
	Count int
}

// deadline is an open target of a ticket.
type deadline struct {
	tickets.Deadline
	Helpdesk string
	State    sla.State
	Left     string
}

// list is what fits on a wall without scrolling, what can be unfolded below it, and how many more there are.
type list[T any] struct {
	Top, Rest []T
	More      int
}

// How many deadlines and how many red things a wall shows, and how many of either the page lists at all.
const (
	topDeadlines = 12
	topBreached  = 6 // of the deadlines on top, as long as others are ahead: what comes next must stay in sight
	topRed       = 6
	maxListed    = 100
)

// listed splits the total of things, of which all are those that are known one by one.
func listed[T any](all []T, top, total int) list[T] {
	shown := min(top, len(all))
	end := min(maxListed, len(all))
	return list[T]{Top: all[:shown], Rest: all[shown:end], More: max(0, total-end)}
}

// counted are the states that are counted on the page.
var counted = []sla.State{sla.Breached, sla.Critical, sla.Warning, sla.Running, sla.Paused}

func newView(now time.Time, r Readings, staleAfter time.Duration) *view {
	v := &view{At: now}
	for _, s := range r.LastReads() {
		if s.LastRead.IsZero() || now.Sub(s.LastRead) > staleAfter {
			v.Blind = append(v.Blind, blindness{Source: s.Name, Since: s.LastRead})
		}
	}
	v.addTickets(now, r.Snapshots())
	v.addChannel(now, r)
	return v
}

func (v *view) addTickets(now time.Time, desks []*tickets.Snapshot) {
	total := make(map[sla.State]int)
	var all []deadline
	for _, d := range desks {
		for i := range d.Targets {
			t := &d.Targets[i]
			for k, n := range t.Counts(now) {
				total[sla.States[k]] += n
			}
			total[sla.Breached] -= t.Late // answered: nobody can help it any more
		}
		for _, u := range d.Urgent {
			all = append(all, newDeadline(now, d.Helpdesk, u))
		}
	}
	for _, s := range counted {
		v.Counts = append(v.Counts, count{State: s, Count: total[s]})
	}
	slices.SortStableFunc(all, func(a, b deadline) int { return a.Due.Compare(b.Due) })
	open := total[sla.Breached] + total[sla.Critical] + total[sla.Warning] + total[sla.Running]
	v.Deadlines = listed(inSight(all), topDeadlines, open)
}

// inSight moves breached deadlines behind those that come next where they would take too much of the top.
func inSight(byDue []deadline) []deadline {
	ahead := slices.IndexFunc(byDue, func(d deadline) bool { return d.State != sla.Breached })
	if ahead <= topBreached {
		return byDue
	}
	last := min(ahead, max(topBreached, topDeadlines-(len(byDue)-ahead))) // of the breached that stay on top
	next := min(ahead+topDeadlines-last, len(byDue))
	return slices.Concat(byDue[:last], byDue[ahead:next], byDue[last:ahead], byDue[next:])
}

func newDeadline(now time.Time, helpdesk string, d tickets.Deadline) deadline {
	i := sla.Instants{Target: d.Target, Start: d.Start, Warning: d.Warning, Critical: d.Critical, Due: d.Due}
	return deadline{Deadline: d, Helpdesk: helpdesk, State: i.State(now), Left: left(d.Due.Sub(now))}
}

// Severity is the ticket's severity where its policy tells some apart.
func (d deadline) Severity() string {
	if d.Group.Severity == sla.AnySeverity {
		return ""
	}
	return d.Group.Severity
}

// ID tells the row from all others, so that the focus finds it again when the page is renewed.
func (d deadline) ID() string {
	return url.PathEscape(d.Helpdesk) + "/" + url.PathEscape(d.Ticket) + "/" + url.PathEscape(d.Group.Policy) + "/" + string(d.Target)
}

// left words a duration for somebody who stands five metres away: two units at the most.
func left(d time.Duration) string {
	sign := ""
	if d <= -time.Second {
		sign, d = "−", -d
	}
	switch m := int(d.Minutes()); {
	case d < time.Minute:
		return fmt.Sprintf("%s%ds", sign, int(d.Seconds()))
	case m < 60:
		return fmt.Sprintf("%s%dm", sign, m)
	case m < 24*60:
		return fmt.Sprintf("%s%dh %02dm", sign, m/60, m%60)
	default:
		return fmt.Sprintf("%s%dd %02dh", sign, m/(24*60), m/60%24)
	}
}
