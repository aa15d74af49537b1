package collector

import (
	"fmt"
	"time"

	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/tickets"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// loadAccount is an account with so many phone numbers, of each of which everything usual is told.
func loadAccount(name string, numbers int) *whatsapp.Account {
	a := &whatsapp.Account{Name: name, Provider: "meta", ReadAt: noon}
	a.WABAs = []whatsapp.WABA{{Reading: read, ID: "9001", ReviewStatus: "approved", BusinessVerification: "verified", Status: "active"}}
	for i := range numbers {
		id := fmt.Sprintf("10%07d", i)
		a.PhoneNumbers = append(a.PhoneNumbers, whatsapp.PhoneNumber{
			Reading: read, ID: id, WABAID: "9001", DisplayPhoneNumber: "1555" + id, VerifiedName: "Acme " + id,
			Quality: whatsapp.QualityRatings[i%3], Status: "connected", NameStatus: "approved",
			ThroughputLevel: "standard", CodeVerificationStatus: "verified",
			Health: []whatsapp.Health{
				{Entity: "phone_number", EntityID: id, State: "available"},
				{Entity: "waba", EntityID: "9001", State: "available"},
			},
			NumberFacts: whatsapp.NumberFacts{QualityChangedAt: noon.Add(-time.Hour), Restricted: new(bool)},
		})
	}
	return a
}

// loadSnapshot is a helpdesk with so many open tickets in so many groups, each ticket with three deadlines.
func loadSnapshot(open, groups int) *tickets.Snapshot {
	s := &tickets.Snapshot{Helpdesk: "support", ReadAt: noon}
	targets := []sla.Target{sla.FirstResponse, sla.FollowUp, sla.Resolution}
	for i := range groups {
		g := tickets.Group{Policy: fmt.Sprintf("policy-%03d", i/4), Severity: fmt.Sprintf("severity-%d", i%4)}
		for _, status := range sla.OpenStatuses {
			s.Open = append(s.Open, tickets.OpenCount{Group: g, Status: status, Count: open / groups / 4})
		}
		for _, target := range targets {
			t := tickets.TargetGroup{Group: g, Target: target}
			for k := range open / groups {
				due := noon.Unix() + int64(k*60) - 3600
				t.Warning, t.Critical, t.Due = append(t.Warning, due-1200), append(t.Critical, due-600), append(t.Due, due)
			}
			s.Targets = append(s.Targets, t)
		}
	}
	for i := range min(100, open) {
		s.Urgent = append(s.Urgent, tickets.Deadline{
			Ticket: fmt.Sprint(i), URL: fmt.Sprintf("https://acme.zendesk.com/agent/tickets/%d", i), Group: s.Open[0].Group,
			Target: sla.Resolution, Warning: noon, Critical: noon.Add(time.Minute), Due: noon.Add(time.Hour),
		})
	}
	return s
}
