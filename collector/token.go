package collector

import (
	"math"

	"whatsapp_sla_exporter/internal/whatsapp"
)

var (
	tokenTable table

	tokenValid = tokenTable.gauge("whatsapp_access_token_valid",
		"Whether the provider takes the access token for valid.",
		"the token is not inspected", "account")
	tokenExpiry = tokenTable.gauge("whatsapp_access_token_expiry_timestamp_seconds",
		"When the access token stops to work, in Unix time; +Inf when never.",
		"the provider does not tell it", "account")
	tokenDataAccessExpiry = tokenTable.gauge("whatsapp_access_token_data_access_expiry_timestamp_seconds",
		"When the consent to data access behind the access token ends, in Unix time.",
		"the provider does not tell it, or it does not end", "account")
	tokenMissingScope = tokenTable.gauge("whatsapp_access_token_missing_scope",
		"Permission that the exporter needs and the access token does not have; always 1.",
		"none is missing", "account", "scope")
)

var tokens = subject[*whatsapp.Account]{&tokenTable, buildToken}

func buildToken(b *builder, a *whatsapp.Account) {
	t := a.Token
	if t == nil {
		return
	}
	account := pair("account", a.Name)
	b.flag(tokenValid, t.Valid, account)
	if t.NeverExpires {
		b.gauge(tokenExpiry, math.Inf(1), account)
	} else {
		b.timestamp(tokenExpiry, t.Expires, account)
	}
	b.timestamp(tokenDataAccessExpiry, t.DataAccessExpires, account)
	for _, s := range t.MissingScopes {
		b.gauge(tokenMissingScope, 1, account, pair("scope", s))
	}
}
