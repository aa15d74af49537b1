package diagnosis

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/platform"
	"whatsapp_sla_exporter/internal/qr"
	"whatsapp_sla_exporter/internal/whatsapp"
)

func number(status whatsapp.Enum, restricted bool) *whatsapp.Account {
	return &whatsapp.Account{PhoneNumbers: []whatsapp.PhoneNumber{
		{ID: "1", Status: status, NumberFacts: whatsapp.NumberFacts{Restricted: &restricted}},
	}}
}

func waba(w whatsapp.WABA) *whatsapp.Account {
	w.ID = "9001"
	return &whatsapp.Account{WABAs: []whatsapp.WABA{w}}
}

func page(s platform.State) []*platform.Page {
	return []*platform.Page{{Services: []platform.Service{{Name: "Cloud API", State: s}}}}
}

func session(s qr.State) []*qr.Session { return []*qr.Session{{State: s}} }

func only(id string) func(string) bool { return func(w string) bool { return w == id } }

// The decision table: one row per fact that decides, and the rows in which they meet.
func TestOf(t *testing.T) {
	good := number("connected", false)
	health := func(entity, state whatsapp.Enum) *whatsapp.Account {
		return waba(whatsapp.WABA{Health: []whatsapp.Health{{Entity: entity, State: state}}})
	}
	for name, tc := range map[string]struct {
		facts Facts
		want  []Cause
	}{
		"everything is known and good":          {Facts{Account: good, Pages: page(platform.Operational), Sessions: session(qr.Connected)}, []Cause{NoneFound}},
		"nothing was ever read":                 {Facts{}, []Cause{UpstreamUnreadable}},
		"the last read is too long ago":         {Facts{Account: good, Unread: true}, []Cause{UpstreamUnreadable}},
		"the platform admits an outage":         {Facts{Account: good, Pages: page(platform.MajorOutage)}, []Cause{PlatformOutage}},
		"the platform admits a partial one":     {Facts{Account: good, Pages: page(platform.PartialOutage)}, []Cause{PlatformOutage}},
		"the platform is slow":                  {Facts{Account: good, Pages: page(platform.Degraded)}, []Cause{NoneFound}},
		"the platform says what nobody knows":   {Facts{Account: good, Pages: page(platform.Unknown)}, []Cause{NoneFound}},
		"a number is banned":                    {Facts{Account: number("banned", true)}, []Cause{NumberBanned}},
		"the account is disabled":               {Facts{Account: waba(whatsapp.WABA{Status: "disabled"})}, []Cause{NumberBanned}},
		"a webhook told that it is disabled":    {Facts{Account: waba(whatsapp.WABA{}), Disabled: only("9001")}, []Cause{NumberBanned}},
		"a webhook told of another account":     {Facts{Account: waba(whatsapp.WABA{}), Disabled: only("9002"), Restricted: only("9002")}, []Cause{NoneFound}},
		"a number may not start conversations":  {Facts{Account: number("restricted", true)}, []Cause{AccountRestricted}},
		"the account is restricted":             {Facts{Account: waba(whatsapp.WABA{Status: "restricted"})}, []Cause{AccountRestricted}},
		"the account's review failed":           {Facts{Account: waba(whatsapp.WABA{ReviewStatus: "rejected"})}, []Cause{AccountRestricted}},
		"a webhook told of a restriction":       {Facts{Account: waba(whatsapp.WABA{}), Restricted: only("9001")}, []Cause{AccountRestricted}},
		"the account cannot send":               {Facts{Account: health("waba", "blocked")}, []Cause{AccountRestricted}},
		"the business cannot send":              {Facts{Account: health("business", "blocked")}, []Cause{AccountRestricted}},
		"a number cannot send":                  {Facts{Account: health("phone_number", "blocked")}, []Cause{AccountRestricted}},
		"a template cannot be sent":             {Facts{Account: health("message_template", "blocked")}, []Cause{NoneFound}},
		"a number is limited":                   {Facts{Account: health("phone_number", "limited")}, []Cause{NoneFound}},
		"an app cannot send":                    {Facts{Account: health("app", "blocked")}, []Cause{NoneFound}},
		"the account is limited":                {Facts{Account: health("waba", "limited")}, []Cause{NoneFound}},
		"a session waits for a scan":            {Facts{Account: good, Sessions: session(qr.ScanQR)}, []Cause{SessionDisconnected}},
		"a session whose state nobody knows":    {Facts{Account: good, Sessions: session(qr.Unknown)}, []Cause{NoneFound}},
		"an outage while the account is unread": {Facts{Pages: page(platform.MajorOutage)}, []Cause{PlatformOutage, UpstreamUnreadable}},
		"everything at once, what to look at first": {
			Facts{
				Account: &whatsapp.Account{
					PhoneNumbers: number("banned", true).PhoneNumbers, WABAs: waba(whatsapp.WABA{Status: "restricted"}).WABAs,
				},
				Unread: true, Pages: page(platform.MajorOutage), Sessions: session(qr.Disconnected),
			},
			[]Cause{PlatformOutage, NumberBanned, AccountRestricted, SessionDisconnected, UpstreamUnreadable},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(tc.want, Of(tc.facts)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestText(t *testing.T) {
	for want, all := range map[string][]Diagnosis{
		"":           nil,
		"none_found": {{"shop", []Cause{NoneFound}}, {"bank", []Cause{NoneFound}}},
		"bank: platform_outage, number_banned": {
			{"shop", []Cause{NoneFound}}, {"bank", []Cause{PlatformOutage, NumberBanned}},
		},
	} {
		if got := Text(all); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
