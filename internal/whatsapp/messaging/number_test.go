package messaging

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/whatsapp"
)

var t0 = time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)

// step is one observation, or a webhook, after some time.
type step struct {
	after   time.Duration
	quality whatsapp.Enum
	status  whatsapp.Enum // default connected
	webhook string        // flagged or unflagged; no observation then
	at      time.Duration // the webhook's own time, where it came late
}

// told is what is known, in time since the beginning; -1: not known.
type told struct {
	QualityChanged, Flagged, RestrictionDue, RecoveryDue time.Duration
	Restricted                                           string // yes, no, unknown
	RestrictedUntil                                      time.Duration
}

// none is a healthy number's facts.
func none(changed time.Duration) told { return told{changed, -1, -1, -1, "no", -1} }

func since(at time.Time) time.Duration {
	if at.IsZero() {
		return -1
	}
	return at.Sub(t0)
}

func run(p *Policy, steps []step) told {
	var n number
	var present observation
	var now time.Time
	for _, s := range steps {
		now = t0.Add(s.after)
		switch s.webhook {
		case "flagged":
			n = n.webhookFlag(t0.Add(s.at))
			continue
		case "unflagged":
			n = p.webhookUnflag(n, t0.Add(s.at))
			continue
		}
		present = observation{at: now, quality: s.quality, status: s.status}
		if s.status == "" {
			present.status = "connected"
		}
		n = p.observe(n, present)
	}
	f := p.facts(n, present, nil, now)
	restricted := "unknown"
	if f.Restricted != nil {
		restricted = map[bool]string{true: "yes", false: "no"}[*f.Restricted]
	}
	return told{
		since(f.QualityChangedAt), since(f.FlaggedAt), since(f.RestrictionDue), since(f.RecoveryDue), restricted, since(f.RestrictedUntil),
	}
}

func TestFlagsUnderTheRulesOf2024(t *testing.T) {
	p := load(t, "whatsapp-messaging-2024")
	for _, tc := range []struct {
		name  string
		steps []step
		want  told
	}{
		{"a green number has no dates but its rating's", []step{{0, "green", "", "", 0}, {day, "green", "", "", 0}}, none(0)},
		{"a yellow number is not flagged", []step{{0, "green", "", "", 0}, {day, "yellow", "", "", 0}}, none(day)},
		{
			"a red number is flagged and restricted in 7 days",
			[]step{{0, "green", "", "", 0}, {day, "red", "", "", 0}, {3 * day, "red", "", "", 0}},
			told{day, day, 8 * day, -1, "no", -1},
		},
		{
			"a number flagged by its status is flagged while the rating is not known",
			[]step{{0, "unknown", "flagged", "", 0}, {day, "unknown", "flagged", "", 0}},
			told{-1, 0, 7 * day, -1, "no", -1},
		},
		{
			"a rating that is not known changes nothing",
			[]step{{0, "red", "", "", 0}, {day, "unknown", "", "", 0}, {2 * day, "", "unknown", "", 0}, {3 * day, "red", "", "", 0}},
			told{0, 0, 7 * day, -1, "no", -1},
		},
		{
			"a rating that comes back after an unknown one is as old as before",
			[]step{{0, "green", "", "", 0}, {day, "unknown", "", "", 0}, {2 * day, "green", "", "", 0}},
			none(0),
		},
		{
			"a red number that nobody could read for days is as long flagged",
			[]step{{0, "red", "", "", 0}, {6 * day, "red", "", "", 0}},
			told{0, 0, 7 * day, -1, "no", -1},
		},
		{
			"a number that is green again is worked off, and the deadline stands until it is over",
			[]step{{0, "red", "", "", 0}, {5 * day, "green", "", "", 0}, {6 * day, "green", "", "", 0}},
			told{5 * day, 0, 7 * day, 12 * day, "no", -1},
		},
		{
			"a number that was green when the days were over is not restricted",
			[]step{{0, "red", "", "", 0}, {5 * day, "green", "", "", 0}, {8 * day, "yellow", "", "", 0}},
			told{8 * day, 0, -1, 12 * day, "no", -1},
		},
		{
			"a number that stays good for 7 days is not flagged any more",
			[]step{{0, "red", "", "", 0}, {5 * day, "green", "", "", 0}, {9 * day, "yellow", "", "", 0}, {12 * day, "yellow", "", "", 0}},
			none(9 * day),
		},
		{
			"the 7 days are not over before a good rating is seen again",
			[]step{{0, "red", "", "", 0}, {5 * day, "green", "", "", 0}, {20 * day, "unknown", "", "", 0}},
			told{-1, 0, -1, 12 * day, "no", -1},
		},
		{
			"a flap to green within minutes neither ends nor renews the flag",
			[]step{{0, "red", "", "", 0}, {day, "green", "", "", 0}, {day + 5*time.Minute, "red", "", "", 0}},
			told{day + 5*time.Minute, 0, 7 * day, -1, "no", -1},
		},
		{
			"a flap to red within minutes is a flag, and recovery begins after it",
			[]step{{0, "green", "", "", 0}, {time.Minute, "red", "", "", 0}, {3 * time.Minute, "green", "", "", 0}},
			told{3 * time.Minute, time.Minute, 7*day + time.Minute, 7*day + 3*time.Minute, "no", -1},
		},
		{
			"falling back to red starts the days of recovery anew",
			[]step{{0, "red", "", "", 0}, {2 * day, "green", "", "", 0}, {3 * day, "red", "", "", 0}, {4 * day, "yellow", "", "", 0}},
			told{4 * day, 0, 7 * day, 11 * day, "no", -1},
		},
		{
			"a number still red after 7 days is restricted",
			[]step{{0, "red", "", "", 0}, {7 * day, "red", "", "", 0}},
			told{0, 0, 7 * day, -1, "yes", -1},
		},
		{
			"a restricted number that is green again is restricted until its recovery",
			[]step{{0, "red", "", "", 0}, {8 * day, "red", "", "", 0}, {9 * day, "green", "", "", 0}},
			told{9 * day, 0, 7 * day, 16 * day, "yes", 16 * day},
		},
		{
			"a restricted number that stays good for 7 days is free",
			[]step{{0, "red", "", "", 0}, {8 * day, "red", "", "", 0}, {9 * day, "green", "", "", 0}, {16 * day, "green", "", "", 0}},
			none(9 * day),
		},
		{
			"a flap to green over the deadline does not escape it",
			[]step{{0, "red", "", "", 0}, {7*day - time.Minute, "green", "", "", 0}, {7*day + time.Minute, "green", "", "", 0}, {7*day + 2*time.Minute, "red", "", "", 0}},
			told{7*day + 2*time.Minute, 0, 7 * day, -1, "yes", -1},
		},
		{
			"falling back to red after the deadline was survived is a new flag",
			[]step{{0, "red", "", "", 0}, {5 * day, "green", "", "", 0}, {8 * day, "green", "", "", 0}, {9 * day, "red", "", "", 0}},
			told{9 * day, 9 * day, 16 * day, -1, "no", -1},
		},
		{
			"a flag of the status ends with the status",
			[]step{{0, "yellow", "flagged", "", 0}, {2 * day, "yellow", "flagged", "", 0}, {3 * day, "yellow", "connected", "", 0}},
			none(0),
		},
		{
			"a flag of the status does not end with a status that is not known",
			[]step{{0, "green", "flagged", "", 0}, {2 * day, "green", "unknown", "", 0}},
			told{0, 0, 7 * day, 7 * day, "unknown", -1},
		},
		{
			"a flag of the status goes on as the rating's while that is red",
			[]step{{0, "red", "flagged", "", 0}, {3 * day, "red", "connected", "", 0}},
			told{0, 0, 7 * day, -1, "no", -1},
		},
		{
			"a webhook flags",
			[]step{{0, "yellow", "", "", 0}, {day, "", "", "flagged", day}, {day + time.Hour, "yellow", "", "", 0}},
			told{0, day, 8 * day, 8*day + time.Hour, "no", -1},
		},
		{
			"a webhook that comes late corrects the date",
			[]step{{0, "red", "", "", 0}, {time.Hour, "", "", "flagged", -2 * time.Minute}, {2 * time.Hour, "red", "", "", 0}},
			told{0, -2 * time.Minute, 7*day - 2*time.Minute, -1, "no", -1},
		},
		{
			"a webhook unflags a number whose rating is good",
			[]step{{0, "yellow", "", "", 0}, {day, "", "", "flagged", day}, {2 * day, "", "", "unflagged", 2 * day}, {2*day + time.Hour, "yellow", "", "", 0}},
			none(0),
		},
		{
			"a webhook does not unflag a red number",
			[]step{{0, "red", "", "", 0}, {2 * day, "", "", "unflagged", 2 * day}, {2*day + time.Hour, "red", "", "", 0}},
			told{0, 0, 7 * day, -1, "no", -1},
		},
		{
			"a webhook that is sent again after the flag has ended is old news",
			[]step{
				{0, "yellow", "", "", 0},
				{day, "", "", "flagged", day},
				{2 * day, "", "", "unflagged", 2 * day},
				{3 * day, "", "", "flagged", day},
				{4 * day, "yellow", "", "", 0},
			},
			none(0),
		},
		{
			"a webhook that flags and comes after the one that unflags is old news",
			[]step{
				{0, "yellow", "", "", 0},
				{2 * day, "", "", "unflagged", 2 * day},
				{2*day + time.Hour, "", "", "flagged", day},
				{3 * day, "yellow", "", "", 0},
			},
			none(0),
		},
		{
			"a webhook that flags anew after one that unflagged is news",
			[]step{
				{0, "yellow", "", "", 0},
				{2 * day, "", "", "unflagged", 2 * day},
				{3 * day, "", "", "flagged", 3 * day},
				{4 * day, "", "", "unflagged", day},
				{4 * day, "yellow", "", "", 0},
			},
			told{0, 3 * day, 10 * day, 11 * day, "no", -1},
		},
		{
			"a webhook that a flag ended which began later changes nothing",
			[]step{{0, "yellow", "", "", 0}, {2 * day, "", "", "flagged", 2 * day}, {3 * day, "", "", "unflagged", day}, {4 * day, "yellow", "", "", 0}},
			told{0, 2 * day, 9 * day, 11 * day, "no", -1},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if d := cmp.Diff(tc.want, run(p, tc.steps)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestFlagsUnderTodaysRules(t *testing.T) {
	p := load(t, "whatsapp-messaging")
	for _, tc := range []struct {
		name  string
		steps []step
		want  told
	}{
		{"a red number is not flagged", []step{{0, "green", "", "", 0}, {day, "red", "", "", 0}}, none(day)},
		{
			"a flag that a provider passes on has a date and no countdown",
			[]step{{0, "red", "", "", 0}, {day, "", "", "flagged", day}, {2 * day, "red", "", "", 0}},
			told{0, day, -1, -1, "no", -1},
		},
		{
			"a flag of which nobody tells the end ends after 7 good days",
			[]step{{0, "", "", "flagged", 0}, {day, "green", "", "", 0}, {8 * day, "green", "", "", 0}},
			none(day),
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if d := cmp.Diff(tc.want, run(p, tc.steps)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestAFlagByRatingEndsWhenThePolicyOfTheAccountChanges(t *testing.T) {
	n := load(t, "whatsapp-messaging-2024").observe(number{}, observation{at: t0, quality: "red", status: "connected"})
	n = load(t, "whatsapp-messaging").observe(n, observation{at: t0.Add(day), quality: "red", status: "connected"})
	if !n.FlaggedAt.IsZero() {
		t.Errorf("number %+v", n)
	}
}

func TestRestrictionByStatus(t *testing.T) {
	p := load(t, "whatsapp-messaging")
	for _, tc := range []struct {
		status whatsapp.Enum
		later  time.Duration
		want   string
		until  time.Duration
	}{
		{"connected", 0, "no", -1},
		{"flagged", 0, "no", -1},
		{"restricted", time.Hour, "yes", day},
		{"restricted", 25 * time.Hour, "yes", -1},
		{"rate_limited", 0, "yes", -1},
		{"banned", 0, "yes", -1},
		{"disconnected", 0, "yes", -1},
		{"pending", 0, "unknown", -1},
		{"unverified", 0, "unknown", -1},
		{"migrated", 0, "unknown", -1},
		{"unknown", 0, "unknown", -1},
	} {
		got := run(p, []step{{0, "green", tc.status, "", 0}, {tc.later, "green", tc.status, "", 0}})
		if d := cmp.Diff(told{0, -1, -1, -1, tc.want, tc.until}, got); tc.status != "flagged" && d != "" {
			t.Errorf("%s after %s: %s", tc.status, tc.later, d)
		}
		if got.Restricted != tc.want {
			t.Errorf("%s: restricted %s", tc.status, got.Restricted)
		}
	}
}

func TestAnAppealIsInTimeWhenItIsDecidedBeforeTheRestriction(t *testing.T) {
	red := number{FlaggedAt: t0}
	worked := number{FlaggedAt: t0, CalmAt: t0.Add(5 * day)}
	for _, tc := range []struct {
		name, policy string
		number       number
		at, want     time.Duration
	}{
		{"a decision takes two days at the most, of seven", "whatsapp-messaging-2024", red, day, 5 * day},
		{"a good rating leaves the deadline alone until the days are over", "whatsapp-messaging-2024", worked, 6 * day, 5 * day},
		{"a number that was good when they were over needs none", "whatsapp-messaging-2024", worked, 8 * day, -1},
		{"a number that is not flagged needs none", "whatsapp-messaging-2024", number{}, day, -1},
		{"under today's rules a flag restricts nothing", "whatsapp-messaging", red, day, -1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := since(load(t, tc.policy).facts(tc.number, observation{}, nil, t0.Add(tc.at)).AppealDue); got != tc.want {
				t.Errorf("an appeal is due after %s, want %s", got, tc.want)
			}
		})
	}
}
