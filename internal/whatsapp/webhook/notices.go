package webhook

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/whatsapp"
)

// noticesAge is how long notices are good while no webhook comes: counts of moving windows change by themselves.
const noticesAge = 10 * time.Second

// snapshot is what is known at now. It is the same pointer until something changes or noticesAge is over.
func (l *ledger) snapshot(now time.Time) *whatsapp.Notices {
	l.mu.RLock()
	n, at := l.notices, l.noticed
	l.mu.RUnlock()
	if n != nil && now.Sub(at).Abs() < noticesAge {
		return n
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.notices, l.noticed = l.newNotices(now), now
	return l.notices
}

func (l *ledger) newNotices(now time.Time) *whatsapp.Notices {
	n := &whatsapp.Notices{
		Events: counts(fields, l.events), Duplicates: counts(fields, l.again), Rejected: map[string]uint64{},
		UnknownValues: l.unheard.Counts(), UnknownAccounts: l.strange,
	}
	for _, r := range Reasons {
		n.Rejected[string(r)] = l.rejection[r]
	}
	names := map[string][]string{} // of the accounts that have a WABA
	for _, name := range slices.Sorted(maps.Keys(l.members)) {
		for _, w := range l.members[name].WABAs {
			names[w.ID] = append(names[w.ID], name)
		}
		n.Users = append(n.Users, l.accountUsers(name, now)...)
	}
	for _, waba := range slices.Sorted(maps.Keys(l.accounts)) {
		for _, name := range names[waba] {
			n.Accounts = append(n.Accounts, l.accounts[waba].notices(name, waba, now))
		}
	}
	for _, phone := range slices.Sorted(maps.Keys(l.numbers)) {
		for _, name := range names[l.numbers[phone].WABA] {
			n.Numbers = append(n.Numbers, l.numberNotices(name, phone, now))
		}
	}
	return n
}

// counts has all keys, 0 where nothing was counted.
func counts(keys []string, counted map[string]uint64) map[string]uint64 {
	out := make(map[string]uint64, len(keys))
	for _, k := range keys {
		out[k] = counted[k]
	}
	return out
}

func (a *account) notices(name, waba string, now time.Time) whatsapp.AccountNotices {
	n := whatsapp.AccountNotices{
		Account: name, WABAID: waba, Ban: cmp.Or(a.Ban.State, BanNone), BanDate: a.Ban.Date, Disconnected: a.Link.Reason,
		Violations: maps.Clone(a.Counts[violations]), TemplateEvents: maps.Clone(a.Counts[templateCounts]),
		SecurityEvents: maps.Clone(a.Counts[securityCounts]),
	}
	for _, kind := range slices.Sorted(maps.Keys(a.Restrictions)) {
		if r := a.Restrictions[kind]; r.inForce(now) {
			n.Restrictions = append(n.Restrictions, whatsapp.Restriction{Type: kind, Until: r.Until})
		}
	}
	for k, v := range a.Alerts {
		if v.Active {
			n.Alerts = append(n.Alerts, whatsapp.AccountAlert{Type: k.Type, Severity: v.Severity, Entity: k.Entity, EntityID: k.EntityID})
		}
	}
	slices.SortFunc(n.Alerts, func(x, y whatsapp.AccountAlert) int {
		return cmp.Or(strings.Compare(x.Type, y.Type), strings.Compare(x.Entity, y.Entity), strings.Compare(x.EntityID, y.EntityID))
	})
	return n
}

func (r restriction) inForce(now time.Time) bool {
	return !r.Lift && (r.Until.IsZero() || now.Before(r.Until))
}

func (l *ledger) numberNotices(name, phone string, now time.Time) whatsapp.NumberNotices {
	n, w := l.numbers[phone], l.windows.Counts(phone, now)
	return whatsapp.NumberNotices{
		Account: name, PhoneNumberID: phone, OptOuts: n.OptOuts, SendErrors: maps.Clone(n.Errors),
		WindowsOpen: w.Open, WindowsClosing: w.Closing, WindowsUncounted: w.Uncounted,
	}
}

// accountUsers are the distinct recipients in the scope that the limits of an account have.
func (l *ledger) accountUsers(name string, now time.Time) []whatsapp.AccountUsers {
	m := l.members[name]
	if m.NumberLimits {
		return l.numberUsers(name, m, now)
	}
	scopes := map[string][]string{} // of a portfolio: its WABAs
	for _, w := range m.WABAs {
		scopes[w.Portfolio] = append(scopes[w.Portfolio], wabaScope(w.ID))
	}
	var out []whatsapp.AccountUsers
	for _, id := range slices.Sorted(maps.Keys(scopes)) {
		out = l.appendUsers(out, name, whatsapp.ScopePortfolio, id, scopes[id], now)
	}
	return out
}

func (l *ledger) numberUsers(name string, m membership, now time.Time) (out []whatsapp.AccountUsers) {
	for _, phone := range slices.Sorted(maps.Keys(l.numbers)) {
		if m.has(l.numbers[phone].WABA) {
			out = l.appendUsers(out, name, whatsapp.ScopePhoneNumber, phone, []string{numberScope(phone)}, now)
		}
	}
	return out
}

func (l *ledger) appendUsers(out []whatsapp.AccountUsers, name string, scope whatsapp.LimitScope, id string, counted []string, now time.Time) []whatsapp.AccountUsers {
	c, ok := l.users.Count(now, counted...)
	if !ok {
		return out
	}
	return append(out, whatsapp.AccountUsers{Account: name, UserCounts: whatsapp.UserCounts{
		Scope: scope, ScopeID: id, Day: float64(c.Day), Week: float64(c.Week), Since: c.Since,
	}})
}

// restrictedUntil says whether an account may start no conversation at an instant, and until when (zero: open-ended).
func (l *ledger) restrictedUntil(waba string, at time.Time) (until time.Time, restricted bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	a := l.accounts[waba]
	if a == nil {
		return time.Time{}, false
	}
	r, told := a.Restrictions["restricted_biz_initiated_messaging"]
	switch {
	case a.Ban.State == BanDisabled:
		return time.Time{}, true
	case told && r.inForce(at):
		return r.Until, true
	}
	return time.Time{}, false
}
