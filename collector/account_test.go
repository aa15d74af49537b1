package collector

import (
	"testing"

	"whatsapp_sla_exporter/internal/whatsapp"
)

func TestWABAs(t *testing.T) {
	expect(t, ofAccount(whatsapp.Account{
		WABAs: []whatsapp.WABA{
			{Reading: read, ID: "9002", Subscription: &whatsapp.Subscription{Reading: read}},
			{Reading: read, ID: "9001", ReviewStatus: "approved", Status: "restricted", BusinessVerification: "verified"},
		},
		UnknownValues:     map[string]uint64{"status": 3, "quality_rating": 1},
		UnsupportedFields: []whatsapp.UnsupportedField{{Endpoint: "phone_numbers", Field: "throughput"}},
	}), `
	# TYPE whatsapp_account_review_status gauge
	whatsapp_account_review_status{account="acme",status="approved",waba_id="9001"} 1
	whatsapp_account_review_status{account="acme",status="deferred",waba_id="9001"} 0
	whatsapp_account_review_status{account="acme",status="limit_reached",waba_id="9001"} 0
	whatsapp_account_review_status{account="acme",status="pending",waba_id="9001"} 0
	whatsapp_account_review_status{account="acme",status="rejected",waba_id="9001"} 0
	whatsapp_account_review_status{account="acme",status="restricted",waba_id="9001"} 0
	whatsapp_account_review_status{account="acme",status="unknown",waba_id="9001"} 0
	# TYPE whatsapp_account_status gauge
	whatsapp_account_status{account="acme",status="active",waba_id="9001"} 0
	whatsapp_account_status{account="acme",status="disabled",waba_id="9001"} 0
	whatsapp_account_status{account="acme",status="pending",waba_id="9001"} 0
	whatsapp_account_status{account="acme",status="restricted",waba_id="9001"} 1
	whatsapp_account_status{account="acme",status="unknown",waba_id="9001"} 0
	# TYPE whatsapp_business_verification_status gauge
	whatsapp_business_verification_status{account="acme",status="expired",waba_id="9001"} 0
	whatsapp_business_verification_status{account="acme",status="failed",waba_id="9001"} 0
	whatsapp_business_verification_status{account="acme",status="ineligible",waba_id="9001"} 0
	whatsapp_business_verification_status{account="acme",status="not_verified",waba_id="9001"} 0
	whatsapp_business_verification_status{account="acme",status="pending",waba_id="9001"} 0
	whatsapp_business_verification_status{account="acme",status="pending_need_more_info",waba_id="9001"} 0
	whatsapp_business_verification_status{account="acme",status="pending_submission",waba_id="9001"} 0
	whatsapp_business_verification_status{account="acme",status="rejected",waba_id="9001"} 0
	whatsapp_business_verification_status{account="acme",status="revoked",waba_id="9001"} 0
	whatsapp_business_verification_status{account="acme",status="unknown",waba_id="9001"} 0
	whatsapp_business_verification_status{account="acme",status="verified",waba_id="9001"} 1
	# TYPE whatsapp_unknown_values_total counter
	whatsapp_unknown_values_total{account="acme",field="quality_rating"} 1
	whatsapp_unknown_values_total{account="acme",field="status"} 3
	# TYPE whatsapp_unsupported_field gauge
	whatsapp_unsupported_field{account="acme",endpoint="phone_numbers",field="throughput"} 1
	# TYPE whatsapp_webhook_subscribed_apps gauge
	whatsapp_webhook_subscribed_apps{account="acme",waba_id="9002"} 0
	`, &accountTable)
}
