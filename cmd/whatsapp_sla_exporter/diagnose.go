package main

import (
	"slices"
	"time"

	"whatsapp_sla_exporter/internal/diagnosis"
)

// Diagnoses say of each account what explains a failure of its channel at an instant.
func (e *exporter) Diagnoses(now time.Time) []diagnosis.Diagnosis {
	var out []diagnosis.Diagnosis
	list := e.sources.list()
	for _, o := range list {
		if o.account == nil {
			continue
		}
		f := e.around(list, o.name, now)
		f.Account = o.account()
		f.Restricted = func(waba string) bool { _, restricted := e.hook.Restricted(waba, now); return restricted }
		f.Disabled = func(waba string) bool { return e.hook.disabled(waba, now) }
		f.Unread = f.Account != nil && (e.unread(f.Account.ReadAt, now) || f.Account.PartlyStale(now, e.stale.get()))
		out = append(out, diagnosis.Diagnosis{Account: o.name, Causes: diagnosis.Of(f)})
	}
	return out
}

// around are the pages and sessions that matter to an account, as far as they were read lately.
func (e *exporter) around(list []*source, account string, now time.Time) diagnosis.Facts {
	var f diagnosis.Facts
	for _, o := range list {
		if len(o.accounts) > 0 && !slices.Contains(o.accounts, account) || e.unread(o.readAt(), now) {
			continue
		}
		if o.page != nil {
			f.Pages = append(f.Pages, o.page())
		}
		if o.session != nil {
			f.Sessions = append(f.Sessions, o.session())
		}
	}
	return f
}

func (e *exporter) unread(readAt, now time.Time) bool { return now.Sub(readAt) > e.stale.get() }

// diagnose is what a page on a ticket says of where the failure comes from. A ticket does not tell which account it
// is about, so it says what is known of all.
func (e *exporter) diagnose(string) string { return diagnosis.Text(e.Diagnoses(e.now())) }
