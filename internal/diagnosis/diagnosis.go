// Package diagnosis says where a failure of a WhatsApp channel comes from, as far as that can be told from outside:
// Reach promises to identify whether an incident is its own or Meta's, and whoever answers the ticket needs the
// same answer first. It is pure: facts in, causes out.
package diagnosis

import (
	"slices"
	"strings"

	"whatsapp_sla_exporter/internal/platform"
	"whatsapp_sla_exporter/internal/qr"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// Cause is one answer to "where does it come from".
type Cause string

// The causes. NoneFound is the answer when all facts are known and none explains a failure; it is never given
// about an account that cannot be read.
const (
	PlatformOutage      Cause = "platform_outage"      // the platform admits an outage
	AccountRestricted   Cause = "account_restricted"   // Meta restricts the account, or a number of it
	NumberBanned        Cause = "number_banned"        // Meta banned a number or disabled the account
	SessionDisconnected Cause = "session_disconnected" // a QR session is not connected
	UpstreamUnreadable  Cause = "upstream_unreadable"  // the account cannot be read, so that nothing is ruled out
	NoneFound           Cause = "none_found"
)

// Causes lists all causes in the order in which they are told: the one to look at first comes first.
var Causes = []Cause{PlatformOutage, NumberBanned, AccountRestricted, SessionDisconnected, UpstreamUnreadable, NoneFound}

// Facts are what is known about one account and what it depends on. Nil and empty are not known.
type Facts struct {
	// Account as it was last read; nil: never.
	Account *whatsapp.Account
	// Unread says that the last read is too long ago to go by.
	Unread bool
	// Restricted says whether a webhook told of a restriction of a WABA that is in force.
	Restricted func(wabaID string) bool
	// Disabled says whether a webhook told that Meta disabled a WABA.
	Disabled func(wabaID string) bool
	Pages    []*platform.Page // of the platforms that it depends on
	Sessions []*qr.Session    // that are part of its channel
}

// Of tells every cause that the facts give, in the order of Causes.
func Of(f Facts) []Cause {
	var found []Cause
	for _, c := range []struct {
		cause Cause
		holds bool
	}{
		{PlatformOutage, f.outage()},
		{NumberBanned, f.banned()},
		{AccountRestricted, f.restricted()},
		{SessionDisconnected, f.disconnected()},
		{UpstreamUnreadable, f.Account == nil || f.Unread},
	} {
		if c.holds {
			found = append(found, c.cause)
		}
	}
	if len(found) == 0 {
		return []Cause{NoneFound}
	}
	return found
}

func (f *Facts) outage() bool {
	for _, p := range f.Pages {
		for _, s := range p.Services {
			if s.State.Down() {
				return true
			}
		}
	}
	return false
}

func (f *Facts) disconnected() bool {
	for _, s := range f.Sessions {
		if connected, known := s.Connected(); known && !connected {
			return true
		}
	}
	return false
}

func (f *Facts) banned() bool {
	if f.Account == nil {
		return false
	}
	for i := range f.Account.PhoneNumbers {
		if f.Account.PhoneNumbers[i].Status == "banned" {
			return true
		}
	}
	for i := range f.Account.WABAs {
		w := &f.Account.WABAs[i]
		if w.Status == "disabled" || f.Disabled != nil && f.Disabled(w.ID) {
			return true
		}
	}
	return false
}

func (f *Facts) restricted() bool {
	if f.Account == nil {
		return false
	}
	for i := range f.Account.PhoneNumbers {
		if r := f.Account.PhoneNumbers[i].Restricted; r != nil && *r && f.Account.PhoneNumbers[i].Status != "banned" {
			return true
		}
	}
	for i := range f.Account.WABAs {
		w := &f.Account.WABAs[i]
		if w.Status == "restricted" || w.ReviewStatus == "rejected" || f.Restricted != nil && f.Restricted(w.ID) {
			return true
		}
	}
	for _, h := range f.Account.Health() {
		if h.State == "blocked" && slices.Contains(restrictable, h.Entity) {
			return true
		}
	}
	return false
}

// restrictable are what of an account cannot send when Meta says that it is blocked. An app is not: a number may send
// through another than the one that the exporter asks with. A template is not: others may be sent.
var restrictable = []whatsapp.Enum{"phone_number", "waba", "business"}

// Diagnosis is the causes that were found for one account.
type Diagnosis struct {
	Account string
	Causes  []Cause
}

// Text sums up diagnoses for an annotation: the accounts that something was found for, or that nothing was.
func Text(all []Diagnosis) string {
	var parts []string
	for _, d := range all {
		var causes []string
		for _, c := range d.Causes {
			if c != NoneFound {
				causes = append(causes, string(c))
			}
		}
		if len(causes) > 0 {
			parts = append(parts, d.Account+": "+strings.Join(causes, ", "))
		}
	}
	if len(all) == 0 {
		return ""
	}
	if len(parts) == 0 {
		return string(NoneFound)
	}
	return strings.Join(parts, "; ")
}
