package collector

import (
	"time"

	"whatsapp_sla_exporter/internal/whatsapp"
)

var (
	limitTable table

	limitUsers = limitTable.gauge("whatsapp_messaging_limit_users",
		"How many unique users the business may write to in a moving 24 h; +Inf when unlimited.",
		"the tier says nothing of a number", "account", "scope", "scope_id")
	limitTier = limitTable.gauge("whatsapp_messaging_limit_tier",
		"Messaging limit as the provider spells it; always 1.",
		"the provider does not tell it", "account", "scope", "scope_id", "tier")
	limitMessages = limitTable.gauge("whatsapp_messaging_limit_messages",
		"Delivered messages that the business initiated in the last 24 h, from analytics: an upper bound of how much of the limit is used.",
		"analytics are not read", "account", "scope", "scope_id")
	limitUpgradeProgress = limitTable.gauge("whatsapp_messaging_limit_upgrade_progress_ratio",
		"Use in 7 days over what the messaging policy asks for the next level: users, once webhooks have told them for 7 days, till then messages, an upper bound.",
		"there is no next level, or the limit or the use is not known", "account", "scope", "scope_id")
)

var limits = subject[*whatsapp.Account]{&limitTable, buildLimits}

func buildLimits(b *builder, a *whatsapp.Account) {
	account := pair("account", a.Name)
	week := weekOfUse(a)
	for _, m := range a.Messages {
		b.gauge(limitMessages, m.Day, account, pair("scope", string(m.Scope)), pair("scope_id", m.ScopeID))
	}
	for _, l := range a.Limits {
		scope, id := pair("scope", string(l.Scope)), pair("scope_id", l.ScopeID)
		if l.Known {
			b.gauge(limitUsers, l.Users, account, scope, id)
		}
		if l.Tier != "" {
			b.gauge(limitTier, 1, account, scope, id, pair("tier", l.Tier))
		}
		if use, ok := week[limitKey{l.Scope, l.ScopeID}]; ok && l.UpgradeUsers > 0 {
			b.gauge(limitUpgradeProgress, use/l.UpgradeUsers, account, scope, id)
		}
	}
}

// weekOfUse is the use of each limit in the last 7 days: distinct users are what the policy counts, but a part of a
// week of them says too little, and messages at least cannot say too little.
func weekOfUse(a *whatsapp.Account) map[limitKey]float64 {
	week := map[limitKey]float64{}
	for _, u := range a.Users {
		week[limitKey{u.Scope, u.ScopeID}] = u.Week
	}
	for _, m := range a.Messages {
		week[limitKey{m.Scope, m.ScopeID}] = m.Week
	}
	for _, u := range a.Users {
		if a.ReadAt.Sub(u.Since) >= 7*24*time.Hour {
			week[limitKey{u.Scope, u.ScopeID}] = u.Week
		}
	}
	return week
}

// limitKey is what a limit and the use of it belong to.
type limitKey struct {
	scope whatsapp.LimitScope
	id    string
}
