package messaging

import (
	"slices"
	"time"

	"whatsapp_sla_exporter/internal/whatsapp"
)

// restrictionDue is when the flag restricts; zero where it never does.
func (p *Policy) restrictionDue(n number) time.Time {
	if p.Flag.RestrictsAfter.Value == 0 || n.FlaggedAt.IsZero() {
		return time.Time{}
	}
	return n.FlaggedAt.Add(time.Duration(p.Flag.RestrictsAfter.Value))
}

// appealDue is until when an appeal would be decided before the restriction; zero where nobody says how long it takes.
func (p *Policy) appealDue(restriction time.Time) time.Time {
	if p.Appeal.DecidedWithin.Value == 0 || restriction.IsZero() {
		return time.Time{}
	}
	return restriction.Add(-time.Duration(p.Appeal.DecidedWithin.Value))
}

// recoveryDue is when the flag ends if the rating stays good; zero where that does not run.
func (p *Policy) recoveryDue(n number) time.Time {
	if p.Flag.RecoversAfter.Value == 0 || n.CalmAt.IsZero() {
		return time.Time{}
	}
	return n.CalmAt.Add(time.Duration(p.Flag.RecoversAfter.Value))
}

// restriction is one reason why a number may not start conversations, and until when, where that is known.
type restriction struct {
	until time.Time
}

// facts are the dates of a number at now. present is its last reading, account a restriction of the whole account.
func (p *Policy) facts(n number, present observation, account *restriction, now time.Time) whatsapp.NumberFacts {
	f := whatsapp.NumberFacts{FlaggedAt: n.FlaggedAt, RestrictionDue: p.restrictionDue(n), RecoveryDue: p.recoveryDue(n)}
	if present.quality == n.Quality {
		f.QualityChangedAt = n.QualityAt
	}
	if n.RestrictedAt.IsZero() && !n.CalmAt.IsZero() && !now.Before(f.RestrictionDue) {
		f.RestrictionDue = time.Time{} // the rating was good when the days were over
	}
	f.AppealDue = p.appealDue(f.RestrictionDue)
	reasons := p.restrictions(n, present, account, now)
	switch {
	case len(reasons) > 0:
		f.Restricted, f.RestrictedUntil = new(true), last(reasons)
	case slices.Contains(p.Restricted.Free.Value, present.status):
		f.Restricted = new(false)
	}
	return f
}

func (p *Policy) restrictions(n number, present observation, account *restriction, now time.Time) (out []restriction) {
	if slices.Contains(p.Restricted.Statuses.Value, present.status) {
		out = append(out, restriction{p.statusEnds(n, present.status, now)})
	}
	if !n.RestrictedAt.IsZero() {
		out = append(out, restriction{p.recoveryDue(n)})
	}
	if account != nil {
		out = append(out, *account)
	}
	return out
}

// statusEnds is when a number that has reached its limit may write again at the latest: a moving window after the
// status was first seen. Of the other statuses, and of one that has outlived the window, nobody knows.
func (p *Policy) statusEnds(n number, status whatsapp.Enum, now time.Time) time.Time {
	if status != "restricted" || n.Status != status {
		return time.Time{}
	}
	ends := n.StatusAt.Add(time.Duration(p.Limit.Window.Value))
	if !ends.After(now) {
		return time.Time{}
	}
	return ends
}

// last is when all restrictions are over; zero where that is not known of one of them.
func last(all []restriction) (until time.Time) {
	for _, r := range all {
		if r.until.IsZero() {
			return time.Time{}
		}
		if r.until.After(until) {
			until = r.until
		}
	}
	return until
}
