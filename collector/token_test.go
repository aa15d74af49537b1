package collector

import (
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/whatsapp"
)

func TestTokenThatExpires(t *testing.T) {
	expect(t, ofAccount(whatsapp.Account{Token: &whatsapp.Token{
		Reading: read, Valid: true, Expires: noon.Add(time.Hour), DataAccessExpires: noon.Add(2 * time.Hour),
		MissingScopes: []string{"business_management"},
	}}), `
	# TYPE whatsapp_access_token_data_access_expiry_timestamp_seconds gauge
	whatsapp_access_token_data_access_expiry_timestamp_seconds{account="acme"} 1.77246e+09
	# TYPE whatsapp_access_token_expiry_timestamp_seconds gauge
	whatsapp_access_token_expiry_timestamp_seconds{account="acme"} 1.7724564e+09
	# TYPE whatsapp_access_token_missing_scope gauge
	whatsapp_access_token_missing_scope{account="acme",scope="business_management"} 1
	# TYPE whatsapp_access_token_valid gauge
	whatsapp_access_token_valid{account="acme"} 1
	`, &tokenTable)
}

func TestTokenThatNeverExpires(t *testing.T) {
	expect(t, ofAccount(whatsapp.Account{Token: &whatsapp.Token{Reading: read, NeverExpires: true}}), `
	# TYPE whatsapp_access_token_expiry_timestamp_seconds gauge
	whatsapp_access_token_expiry_timestamp_seconds{account="acme"} +Inf
	# TYPE whatsapp_access_token_valid gauge
	whatsapp_access_token_valid{account="acme"} 0
	`, &tokenTable)
}

func TestTokenThatIsNotInspected(t *testing.T) {
	expect(t, ofAccount(whatsapp.Account{}), ``, &tokenTable)
}
