package messaging

import (
	"slices"
	"time"

	"whatsapp_sla_exporter/internal/whatsapp"
)

// cause is what first flagged a number.
type cause string

const (
	byStatus  cause = "status"
	byRating  cause = "rating"
	byWebhook cause = "webhook"
)

// number is what is remembered of one phone number. All of it is what was observed; the dates that follow from the
// policy are computed when they are asked for, so that another policy gives other dates.
type number struct {
	Digits    string        `json:"digits"`     // of its display phone number, which webhooks name it by
	Quality   whatsapp.Enum `json:"quality"`    // the last known rating, never unknown
	QualityAt time.Time     `json:"quality_at"` // when it was first seen
	Status    whatsapp.Enum `json:"status"`
	StatusAt  time.Time     `json:"status_at"`

	FlaggedAt    time.Time `json:"flagged_at"` // zero: not flagged
	FlaggedBy    cause     `json:"flagged_by,omitempty"`
	StatusFlag   bool      `json:"status_flag,omitempty"` // the status said so too: it will also say when it is over
	CalmAt       time.Time `json:"calm_at"`               // since when the rating is good again, while flagged
	RestrictedAt time.Time `json:"restricted_at"`         // since when the unresolved flag restricts
	ClearedAt    time.Time `json:"cleared_at"`            // when the last flag ended
	SeenAt       time.Time `json:"seen_at"`
}

// observation is one reading of a number.
type observation struct {
	at      time.Time
	digits  string
	quality whatsapp.Enum
	status  whatsapp.Enum
}

func known(e whatsapp.Enum) bool { return e != "" && e != whatsapp.Unknown }

func (p *Policy) flagsRating(e whatsapp.Enum) bool { return slices.Contains(p.Flag.Ratings.Value, e) }

func (p *Policy) flagsStatus(e whatsapp.Enum) bool { return slices.Contains(p.Flag.Statuses.Value, e) }

// calm is a rating with which a flag is worked off.
func calm(rating whatsapp.Enum) bool { return rating == "green" || rating == "yellow" }

// flagEnds is how long after the rating is good again a flag ends of which nobody tells the end and which has no
// rule: providers passed flags on for 7 days at most.
const flagEnds = 7 * 24 * time.Hour

// observe is the number after a reading. What the reading does not know (no rating yet, a value that nobody has
// heard of) changes nothing: it neither ends a flag nor starts its days anew.
func (p *Policy) observe(n number, o observation) number {
	if o.digits != "" {
		n.Digits = o.digits
	}
	if known(o.quality) && o.quality != n.Quality {
		n.Quality, n.QualityAt = o.quality, o.at
	}
	if known(o.status) && o.status != n.Status {
		n.Status, n.StatusAt = o.status, o.at
	}
	if n.FlaggedBy == byRating && len(p.Flag.Ratings.Value) == 0 {
		n = n.unflagged(o.at) // the account has another policy now
	}
	n = p.flagged(n, o)
	if n.FlaggedAt.IsZero() {
		return n
	}
	n = p.worked(n, o)
	if p.over(n, o) {
		n = n.unflagged(o.at)
	}
	return n
}

// flagged starts a flag.
func (p *Policy) flagged(n number, o observation) number {
	status, rating := p.flagsStatus(o.status), p.flagsRating(o.quality)
	if n.FlaggedAt.IsZero() {
		switch {
		case status:
			n.FlaggedAt, n.FlaggedBy = o.at, byStatus
		case rating:
			n.FlaggedAt, n.FlaggedBy = o.at, byRating
		}
	}
	n.StatusFlag = n.StatusFlag || status
	return n
}

// worked follows a flag: is the rating good again, has it fallen back, is the time up.
func (p *Policy) worked(n number, o observation) number {
	switch {
	case calm(o.quality) && n.CalmAt.IsZero():
		n.CalmAt = o.at
	case p.flagsRating(o.quality) && !n.CalmAt.IsZero():
		if p.survived(n, o.at) {
			n.FlaggedAt, n.FlaggedBy = o.at, byRating
		}
		n.CalmAt = time.Time{}
	}
	due := p.restrictionDue(n)
	if p.flagsRating(o.quality) && !due.IsZero() && !o.at.Before(due) && n.RestrictedAt.IsZero() {
		n.RestrictedAt = due
	}
	return n
}

// survived says whether the flag's deadline had passed with a good rating, so that falling back is a new flag. A
// rating that was good for less than the time it looks back on was a flap and resolved nothing.
func (p *Policy) survived(n number, at time.Time) bool {
	due := p.restrictionDue(n)
	return !due.IsZero() && n.RestrictedAt.IsZero() && !at.Before(due) && n.CalmAt.Before(due) &&
		at.Sub(n.CalmAt) >= time.Duration(p.Quality.Window.Value)
}

// over says whether the flag has ended.
func (p *Policy) over(n number, o observation) bool {
	if p.flagsStatus(o.status) || p.flagsRating(n.Quality) {
		return false
	}
	if n.StatusFlag && known(o.status) {
		return true // the status said when it began, and now says that it is over
	}
	days := time.Duration(p.Flag.RecoversAfter.Value)
	if days == 0 {
		days = flagEnds
	}
	return calm(o.quality) && !n.CalmAt.IsZero() && !o.at.Before(n.CalmAt.Add(days))
}

func (n number) unflagged(at time.Time) number {
	n.FlaggedAt, n.FlaggedBy, n.StatusFlag = time.Time{}, "", false
	n.CalmAt, n.RestrictedAt, n.ClearedAt = time.Time{}, time.Time{}, at
	return n
}

// webhookFlag is the number after a webhook that it is flagged. A late one corrects the date; one from before the
// last flag ended is old news.
func (n number) webhookFlag(at time.Time) number {
	switch {
	case !at.After(n.ClearedAt):
	case n.FlaggedAt.IsZero():
		n.FlaggedAt, n.FlaggedBy = at, byWebhook
	case at.Before(n.FlaggedAt) && n.FlaggedAt.Sub(at) < flagEnds && n.RestrictedAt.IsZero():
		n.FlaggedAt = at
	}
	return n
}

// webhookUnflag is the number after a webhook that its flag has ended. A rating that flags keeps it. The webhook that
// began the flag may come after it: so the end is kept of a flag too that nobody has told of.
func (p *Policy) webhookUnflag(n number, at time.Time) number {
	if at.Before(n.FlaggedAt) || !at.After(n.ClearedAt) || p.flagsRating(n.Quality) {
		return n
	}
	return n.unflagged(at)
}
