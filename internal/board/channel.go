package board

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/diagnosis"
	"whatsapp_sla_exporter/internal/platform"
	"whatsapp_sla_exporter/internal/qr"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// level is how much attention something asks for. The levels are those of the Grafana boards' colours.
type level string

// The levels, worst first. They are class names, and what a screen reader says of the colour.
const (
	broken  level = "broken"
	act     level = "act"
	look    level = "look"
	unclear level = "unclear" // an upstream says something that nobody has heard of: not known to be well
	note    level = "note"    // nobody has to do anything
)

var levels = []level{broken, act, look, unclear, note}

// item is something about the channel that is not well: a number, an account, a service, a session.
type item struct {
	Level level
	Name  string
	Of    string // the account, page or gateway that it belongs to
	Facts []string
}

// tell adds a fact. The item is as bad as the worst of them.
func (i *item) tell(l level, format string, args ...any) {
	if i.Level == "" || slices.Index(levels, l) < slices.Index(levels, i.Level) {
		i.Level = l
	}
	i.Facts = append(i.Facts, fmt.Sprintf(format, args...))
}

// judge tells of a value that some are worse than the good one.
func judge[V ~string](i *item, prefix string, value V, of map[V]level) {
	if l := of[value]; l != "" {
		i.tell(l, "%s%s", prefix, words(string(value)))
	}
}

// How bad each value is. What is missing is well, or was not told. The colours are those of dashboards/palette.go.
var (
	ofRating = map[whatsapp.Enum]level{"red": broken, "yellow": look}
	ofNumber = map[whatsapp.Enum]level{
		"banned": broken, "restricted": broken, "deleted": broken, "flagged": act, "rate_limited": act, "disconnected": act,
		"pending": look, "unverified": look, "migrated": note, whatsapp.Unknown: unclear,
	}
	ofAccount = map[whatsapp.Enum]level{"disabled": broken, "restricted": broken, "pending": look, whatsapp.Unknown: unclear}
	ofReview  = map[whatsapp.Enum]level{
		"rejected": broken, "restricted": broken, "limit_reached": act, "pending": look, "deferred": look, whatsapp.Unknown: unclear,
	}
	ofBan     = map[whatsapp.Enum]level{"scheduled": act, "disabled": broken, whatsapp.Unknown: unclear}
	ofHealth  = map[whatsapp.Enum]level{"blocked": broken, "limited": look, whatsapp.Unknown: unclear}
	ofService = map[platform.State]level{
		platform.MajorOutage: broken, platform.PartialOutage: act, platform.Degraded: look, platform.Maintenance: note,
		platform.Unknown: unclear,
	}
)

// wellness is how many things of a kind have nothing to tell of.
type wellness struct {
	Count int
	Kind  string
}

// cause is what explains a failure of an account's channel.
type cause struct {
	Account, Causes string
}

func (v *view) addChannel(now time.Time, r Readings) {
	for _, d := range r.Diagnoses(now) {
		v.addCauses(d)
	}
	var all []item
	add := func(kind string, items []item) {
		well := 0
		for _, i := range items {
			if i.Level == "" {
				well++
				continue
			}
			all = append(all, i)
		}
		if well == 1 {
			v.Well = append(v.Well, wellness{1, kind})
		} else if well > 1 {
			v.Well = append(v.Well, wellness{well, kind + "s"})
		}
	}
	known, told := r.Accounts(), r.Notices(now)
	add("number", numbers(now, known, told))
	add("account", accounts(now, known, told))
	add("service", services(r.Pages()))
	add("QR session", sessions(now, r.Sessions()))
	slices.SortStableFunc(all, func(a, b item) int {
		return cmp.Compare(slices.Index(levels, a.Level), slices.Index(levels, b.Level))
	})
	v.Red = listed(all, topRed, len(all))
}

func (v *view) addCauses(d diagnosis.Diagnosis) {
	var found []string
	for _, c := range d.Causes {
		if c != diagnosis.NoneFound {
			found = append(found, words(string(c)))
		}
	}
	if len(found) > 0 {
		v.Causes = append(v.Causes, cause{d.Account, strings.Join(found, ", ")})
	}
}

func numbers(now time.Time, all []*whatsapp.Account, told *whatsapp.Notices) []item {
	closing := make(map[[2]string]int) // service windows
	for _, n := range told.Numbers {
		closing[[2]string{n.Account, n.PhoneNumberID}] = n.WindowsClosing
	}
	var out []item
	for _, a := range all {
		for i := range a.PhoneNumbers {
			p := &a.PhoneNumbers[i]
			n := newNumber(now, a.Name, p)
			if c := closing[[2]string{a.Name, p.ID}]; c > 0 {
				n.tell(act, "%d unanswered service windows close within 2h", c)
			}
			out = append(out, n)
		}
	}
	return out
}

func newNumber(now time.Time, account string, p *whatsapp.PhoneNumber) item {
	n := item{Name: cmp.Or(p.DisplayPhoneNumber, p.ID), Of: account}
	judge(&n, "quality ", p.Quality, ofRating)
	judge(&n, "", p.Status, ofNumber)
	if p.Restricted != nil && *p.Restricted && p.Status != "restricted" && p.Status != "banned" {
		n.tell(broken, "may not start conversations")
	}
	for _, countdown := range []struct {
		level level
		text  string
		at    time.Time
	}{
		{broken, "restricted in", p.RestrictionDue}, {look, "reconnected in", p.RecoveryDue}, {broken, "restriction ends in", p.RestrictedUntil},
	} {
		if !countdown.at.IsZero() {
			n.tell(countdown.level, "%s %s", countdown.text, left(countdown.at.Sub(now)))
		}
	}
	for _, h := range p.Health {
		if h.Entity == "phone_number" {
			judge(&n, "sending ", h.State, ofHealth)
		}
	}
	return n
}

func services(pages []*platform.Page) []item {
	var out []item
	for _, p := range pages {
		for _, s := range p.Services {
			n := item{Name: s.Name, Of: p.Name}
			judge(&n, "", s.State, ofService)
			out = append(out, n)
		}
	}
	return out
}

func sessions(now time.Time, all []*qr.Session) []item {
	var out []item
	for _, s := range all {
		n := item{Name: "QR session " + s.Name, Of: s.Gateway}
		switch connected, known := s.Connected(); {
		case !known:
			n.tell(unclear, "state unknown")
		case !connected && s.ChangedAt.IsZero():
			n.tell(broken, "%s", words(string(s.State)))
		case !connected:
			n.tell(broken, "%s for %s", words(string(s.State)), left(now.Sub(s.ChangedAt)))
		}
		if s.NeedsScan() {
			n.tell(broken, "needs the owner of the phone")
		}
		out = append(out, n)
	}
	return out
}
