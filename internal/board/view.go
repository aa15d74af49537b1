package board

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/tickets"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// view is what the page shows at one instant, in the order in which it shows it.
type view struct {
	At       time.Time
	Blind    []blindness
	Counts   []count
	Deadline []deadline
	More     int // endangered or running deadlines that the page has no room for
	Numbers  []number
	Healthy  int // phone numbers with nothing to tell of
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

type deadline struct {
	tickets.Deadline
	Helpdesk string
	State    sla.State
	Left     string
}

type number struct {
	Account, Display string
	Level            string // of levels
	Facts            []string
}

// Levels of attention, worst first: class names and, spelled out, what a screen reader says.
const (
	levelCritical = "critical"
	levelWarning  = "warning"
)

// rows is how many deadlines the page has room for: what a wall shows without scrolling.
const rows = 12

// shown are the states that are counted on the page.
var shown = []sla.State{sla.Breached, sla.Critical, sla.Warning, sla.Running, sla.Paused}

func newView(now time.Time, accounts []*whatsapp.Account, desks []*tickets.Snapshot, sources []Source, staleAfter time.Duration) *view {
	v := &view{At: now}
	for _, s := range sources {
		if s.LastRead.IsZero() || now.Sub(s.LastRead) > staleAfter {
			v.Blind = append(v.Blind, blindness{Source: s.Name, Since: s.LastRead})
		}
	}
	v.addTickets(now, desks)
	for _, a := range accounts {
		for i := range a.PhoneNumbers {
			v.addNumber(now, a, &a.PhoneNumbers[i])
		}
	}
	slices.SortStableFunc(v.Numbers, func(a, b number) int { return cmp.Compare(a.Level, b.Level) })
	return v
}

func (v *view) addTickets(now time.Time, desks []*tickets.Snapshot) {
	total := make(map[sla.State]int)
	for _, d := range desks {
		for i := range d.Targets {
			for k, n := range d.Targets[i].Counts(now) {
				total[sla.States[k]] += n
			}
		}
		for _, u := range d.Urgent {
			v.Deadline = append(v.Deadline, newDeadline(now, d.Helpdesk, u))
		}
	}
	for _, s := range shown {
		v.Counts = append(v.Counts, count{State: s, Count: total[s]})
	}
	slices.SortStableFunc(v.Deadline, func(a, b deadline) int { return a.Due.Compare(b.Due) })
	open := total[sla.Breached] + total[sla.Critical] + total[sla.Warning] + total[sla.Running]
	v.Deadline = v.Deadline[:min(rows, len(v.Deadline))]
	v.More = max(0, open-len(v.Deadline))
}

func newDeadline(now time.Time, helpdesk string, d tickets.Deadline) deadline {
	i := sla.Instants{Target: d.Target, Start: d.Start, Warning: d.Warning, Critical: d.Critical, Due: d.Due}
	return deadline{Deadline: d, Helpdesk: helpdesk, State: i.State(now), Left: left(d.Due.Sub(now))}
}

// addNumber adds a phone number that somebody should look at, and counts one that nobody needs to.
func (v *view) addNumber(now time.Time, a *whatsapp.Account, p *whatsapp.PhoneNumber) {
	n := number{Account: a.Name, Display: cmp.Or(p.DisplayPhoneNumber, p.ID)}
	tell := func(level, format string, args ...any) {
		if n.Level != levelCritical {
			n.Level = level
		}
		n.Facts = append(n.Facts, fmt.Sprintf(format, args...))
	}
	switch p.Quality {
	case "red":
		tell(levelCritical, "quality red")
	case "yellow":
		tell(levelWarning, "quality yellow")
	}
	switch p.Status {
	case "", "connected":
	case "pending", "unverified", "flagged", "rate_limited", whatsapp.Unknown:
		tell(levelWarning, "%s", words(string(p.Status)))
	default:
		tell(levelCritical, "%s", words(string(p.Status)))
	}
	if !p.RestrictionDue.IsZero() {
		tell(levelCritical, "restricted in %s", left(p.RestrictionDue.Sub(now)))
	}
	for _, h := range p.Health {
		if h.State == "blocked" && h.Entity == "phone_number" {
			tell(levelCritical, "cannot send")
		}
	}
	if n.Level == "" {
		v.Healthy++
		return
	}
	v.Numbers = append(v.Numbers, n)
}

// left words a duration for somebody who stands five metres away: two units at the most.
func left(d time.Duration) string {
	sign := ""
	if d < 0 {
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
