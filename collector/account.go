package collector

import "whatsapp_sla_exporter/internal/whatsapp"

var (
	accountTable table

	accountReview = enum(&accountTable, "whatsapp_account_review_status",
		"Review of the WhatsApp Business Account: 1 for the present status.",
		"the provider does not tell it", "status", whatsapp.ReviewStatuses, "account", "waba_id")
	accountVerification = enum(&accountTable, "whatsapp_business_verification_status",
		"Verification of the business behind the WhatsApp Business Account: 1 for the present status.",
		"the provider does not tell it", "status", whatsapp.VerificationStatuses, "account", "waba_id")
	accountStatus = enum(&accountTable, "whatsapp_account_status",
		"Status of the WhatsApp Business Account: 1 for the present one.",
		"the provider does not tell it", "status", whatsapp.AccountStatuses, "account", "waba_id")
	accountSubscribedApps = accountTable.gauge("whatsapp_webhook_subscribed_apps",
		"Apps that receive the webhooks of the WhatsApp Business Account. 0: no webhook arrives.",
		"the provider does not tell it", "account", "waba_id")
	accountUnknownValues = accountTable.counter("whatsapp_unknown_values_total",
		"Values that the provider sent and the exporter does not know, by field.",
		"no unknown value was seen", "account", "field")
	accountUnsupportedField = accountTable.gauge("whatsapp_unsupported_field",
		"Field that the provider refused and that is not asked for any more: what it would tell is missing; always 1.",
		"no field was refused", "account", "endpoint", "field")
)

var wabas = subject[*whatsapp.Account]{&accountTable, buildWABAs}

func buildWABAs(b *builder, a *whatsapp.Account) {
	account := pair("account", a.Name)
	for _, w := range byID(a.WABAs, func(w *whatsapp.WABA) string { return w.ID }) {
		id := pair("waba_id", w.ID)
		enumOf(b, accountReview, w.ReviewStatus, account, id)
		enumOf(b, accountVerification, w.BusinessVerification, account, id)
		enumOf(b, accountStatus, w.Status, account, id)
		if w.Subscription != nil {
			b.gauge(accountSubscribedApps, float64(w.Subscription.Apps), account, id)
		}
	}
	for field, n := range a.UnknownValues {
		b.counter(accountUnknownValues, float64(n), account, pair("field", field))
	}
	for _, u := range a.UnsupportedFields {
		b.gauge(accountUnsupportedField, 1, account, pair("endpoint", u.Endpoint), pair("field", u.Field))
	}
}
