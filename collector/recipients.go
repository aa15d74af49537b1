package collector

import "whatsapp_sla_exporter/internal/whatsapp"

var (
	recipientsTable table

	usedUsers = recipientsTable.gauge("whatsapp_messaging_limit_used_users",
		"Distinct users to whom messages were delivered outside a service window in the last 24 h. In the first 24 h of counting a lower bound.",
		"no webhook on messages has arrived", "account", "scope", "scope_id")
	usedUsersWeek = recipientsTable.gauge("whatsapp_messaging_limit_used_users_7d",
		"The same in the last 7 days. In the first 7 days of counting a lower bound.",
		"no webhook on messages has arrived", "account", "scope", "scope_id")
	usedSince = recipientsTable.gauge("whatsapp_messaging_limit_used_since_timestamp_seconds",
		"Since when the distinct users are counted, in Unix time.",
		"no webhook on messages has arrived", "account", "scope", "scope_id")
	optOuts = recipientsTable.counter("whatsapp_marketing_opt_outs_total",
		"Customers who stopped marketing messages. Survives restarts.",
		"no webhook of the number has arrived", "account", "phone_number_id")
	sendErrors = recipientsTable.counter("whatsapp_send_errors_total",
		"Messages that failed, by Meta's error code. Survives restarts.",
		"no message failed with the code; those that alerts need are there from the first webhook of the number on", "account", "phone_number_id", "code")
	windowsOpen = recipientsTable.gauge("whatsapp_service_windows_open",
		"Customers to whom the phone number may reply freely, because they wrote in the last 24 h.",
		"no webhook of the number has arrived", "account", "phone_number_id")
	windowsClosing = recipientsTable.gauge("whatsapp_service_windows_closing",
		"Customers whose last message is unanswered, with less than 2 h left to reply freely.",
		"no webhook of the number has arrived", "account", "phone_number_id")
	windowsUncounted = recipientsTable.counter("whatsapp_service_windows_uncounted_total",
		"Customers' messages that opened a service window for which there was no room: there are more windows open than are told.",
		"no webhook of the number has arrived", "account", "phone_number_id")
)

var (
	numberNotices = subject[*whatsapp.Notices]{&recipientsTable, buildNumberNotices}
	users         = subject[*whatsapp.Notices]{&recipientsTable, buildUsers}
)

// alertedErrors are the errors on which one alert at least rests: they begin at 0, because an increase from nothing
// is none. Temporarily blocked, locked, payment, and too many complaints.
var alertedErrors = []string{"368", "131031", "131042", "131048"}

func buildNumberNotices(b *builder, n *whatsapp.Notices) {
	for i := range n.Numbers {
		p := &n.Numbers[i]
		account, id := pair("account", p.Account), pair("phone_number_id", p.PhoneNumberID)
		b.counter(optOuts, float64(p.OptOuts), account, id)
		for _, code := range alertedErrors {
			b.counter(sendErrors, float64(p.SendErrors[code]), account, pair("code", code), id)
		}
		for code, count := range p.SendErrors {
			b.counter(sendErrors, float64(count), account, pair("code", code), id)
		}
		b.gauge(windowsOpen, float64(p.WindowsOpen), account, id)
		b.gauge(windowsClosing, float64(p.WindowsClosing), account, id)
		b.counter(windowsUncounted, float64(p.WindowsUncounted), account, id)
	}
}

func buildUsers(b *builder, n *whatsapp.Notices) {
	for i := range n.Users {
		u := &n.Users[i]
		account, scope, id := pair("account", u.Account), pair("scope", string(u.Scope)), pair("scope_id", u.ScopeID)
		b.gauge(usedUsers, u.Day, account, scope, id)
		b.gauge(usedUsersWeek, u.Week, account, scope, id)
		b.timestamp(usedSince, u.Since, account, scope, id)
	}
}
