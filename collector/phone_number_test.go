package collector

import (
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/whatsapp"
)

func TestPhoneNumberTold(t *testing.T) {
	restricted := true
	expect(t, ofAccount(whatsapp.Account{Provider: "meta", PhoneNumbers: []whatsapp.PhoneNumber{{
		Reading: read, ID: "101", WABAID: "9001", DisplayPhoneNumber: "15550001", VerifiedName: `Acme "North"`,
		Quality: "red", Status: "flagged", NameStatus: "approved", ThroughputLevel: "high", CodeVerificationStatus: "verified",
		NumberFacts: whatsapp.NumberFacts{
			QualityChangedAt: noon.Add(-time.Hour), FlaggedAt: noon, RestrictionDue: noon.Add(7 * 24 * time.Hour),
			AppealDue: noon.Add(5 * 24 * time.Hour), RecoveryDue: noon.Add(time.Second), Restricted: &restricted, RestrictedUntil: noon.Add(1500 * time.Millisecond),
		},
	}}}), `
	# TYPE whatsapp_phone_number_appeal_due_timestamp_seconds gauge
	whatsapp_phone_number_appeal_due_timestamp_seconds{account="acme",phone_number_id="101"} 1.7728848e+09
	# TYPE whatsapp_phone_number_code_verification_status gauge
	whatsapp_phone_number_code_verification_status{account="acme",phone_number_id="101",status="expired"} 0
	whatsapp_phone_number_code_verification_status{account="acme",phone_number_id="101",status="not_verified"} 0
	whatsapp_phone_number_code_verification_status{account="acme",phone_number_id="101",status="unknown"} 0
	whatsapp_phone_number_code_verification_status{account="acme",phone_number_id="101",status="verified"} 1
	# TYPE whatsapp_phone_number_flagged_timestamp_seconds gauge
	whatsapp_phone_number_flagged_timestamp_seconds{account="acme",phone_number_id="101"} 1.7724528e+09
	# TYPE whatsapp_phone_number_info gauge
	whatsapp_phone_number_info{account="acme",display_phone_number="15550001",phone_number_id="101",provider="meta",verified_name="Acme \"North\"",waba_id="9001"} 1
	# TYPE whatsapp_phone_number_name_status gauge
	whatsapp_phone_number_name_status{account="acme",phone_number_id="101",status="approved"} 1
	whatsapp_phone_number_name_status{account="acme",phone_number_id="101",status="available_without_review"} 0
	whatsapp_phone_number_name_status{account="acme",phone_number_id="101",status="declined"} 0
	whatsapp_phone_number_name_status{account="acme",phone_number_id="101",status="expired"} 0
	whatsapp_phone_number_name_status{account="acme",phone_number_id="101",status="none"} 0
	whatsapp_phone_number_name_status{account="acme",phone_number_id="101",status="pending_review"} 0
	whatsapp_phone_number_name_status{account="acme",phone_number_id="101",status="unknown"} 0
	# TYPE whatsapp_phone_number_quality_changed_timestamp_seconds gauge
	whatsapp_phone_number_quality_changed_timestamp_seconds{account="acme",phone_number_id="101"} 1.7724492e+09
	# TYPE whatsapp_phone_number_quality_rating gauge
	whatsapp_phone_number_quality_rating{account="acme",phone_number_id="101",rating="green"} 0
	whatsapp_phone_number_quality_rating{account="acme",phone_number_id="101",rating="red"} 1
	whatsapp_phone_number_quality_rating{account="acme",phone_number_id="101",rating="unknown"} 0
	whatsapp_phone_number_quality_rating{account="acme",phone_number_id="101",rating="yellow"} 0
	# TYPE whatsapp_phone_number_recovery_due_timestamp_seconds gauge
	whatsapp_phone_number_recovery_due_timestamp_seconds{account="acme",phone_number_id="101"} 1.772452801e+09
	# TYPE whatsapp_phone_number_restricted gauge
	whatsapp_phone_number_restricted{account="acme",phone_number_id="101"} 1
	# TYPE whatsapp_phone_number_restricted_until_timestamp_seconds gauge
	whatsapp_phone_number_restricted_until_timestamp_seconds{account="acme",phone_number_id="101"} 1.7724528015e+09
	# TYPE whatsapp_phone_number_restriction_due_timestamp_seconds gauge
	whatsapp_phone_number_restriction_due_timestamp_seconds{account="acme",phone_number_id="101"} 1.7730576e+09
	# TYPE whatsapp_phone_number_status gauge
	whatsapp_phone_number_status{account="acme",phone_number_id="101",status="banned"} 0
	whatsapp_phone_number_status{account="acme",phone_number_id="101",status="connected"} 0
	whatsapp_phone_number_status{account="acme",phone_number_id="101",status="deleted"} 0
	whatsapp_phone_number_status{account="acme",phone_number_id="101",status="disconnected"} 0
	whatsapp_phone_number_status{account="acme",phone_number_id="101",status="flagged"} 1
	whatsapp_phone_number_status{account="acme",phone_number_id="101",status="migrated"} 0
	whatsapp_phone_number_status{account="acme",phone_number_id="101",status="pending"} 0
	whatsapp_phone_number_status{account="acme",phone_number_id="101",status="rate_limited"} 0
	whatsapp_phone_number_status{account="acme",phone_number_id="101",status="restricted"} 0
	whatsapp_phone_number_status{account="acme",phone_number_id="101",status="unknown"} 0
	whatsapp_phone_number_status{account="acme",phone_number_id="101",status="unverified"} 0
	# TYPE whatsapp_phone_number_throughput_level gauge
	whatsapp_phone_number_throughput_level{account="acme",level="high",phone_number_id="101"} 1
	whatsapp_phone_number_throughput_level{account="acme",level="not_applicable",phone_number_id="101"} 0
	whatsapp_phone_number_throughput_level{account="acme",level="standard",phone_number_id="101"} 0
	whatsapp_phone_number_throughput_level{account="acme",level="unknown",phone_number_id="101"} 0
	`, &phoneNumberTable)
}

func TestPhoneNumberOfWhichLittleIsTold(t *testing.T) {
	expect(t, ofAccount(whatsapp.Account{PhoneNumbers: []whatsapp.PhoneNumber{
		{Reading: read, ID: "102", Quality: "turquoise"},
		{Reading: read, ID: "101", NumberFacts: whatsapp.NumberFacts{Restricted: new(bool)}},
		{Reading: read, ID: "101"},
		{Reading: whatsapp.Reading{At: noon.Add(-time.Hour)}, ID: "100"},
	}}), `
	# TYPE whatsapp_phone_number_info gauge
	whatsapp_phone_number_info{account="acme",phone_number_id="101"} 1
	whatsapp_phone_number_info{account="acme",phone_number_id="102"} 1
	# TYPE whatsapp_phone_number_quality_rating gauge
	whatsapp_phone_number_quality_rating{account="acme",phone_number_id="102",rating="green"} 0
	whatsapp_phone_number_quality_rating{account="acme",phone_number_id="102",rating="red"} 0
	whatsapp_phone_number_quality_rating{account="acme",phone_number_id="102",rating="unknown"} 1
	whatsapp_phone_number_quality_rating{account="acme",phone_number_id="102",rating="yellow"} 0
	# TYPE whatsapp_phone_number_restricted gauge
	whatsapp_phone_number_restricted{account="acme",phone_number_id="101"} 0
	`, &phoneNumberTable)
}
