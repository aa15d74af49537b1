package board

import (
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/whatsapp"
)

// accounts are the WhatsApp Business Accounts, what webhooks told of them, and what else lets their messages through.
func accounts(now time.Time, all []*whatsapp.Account, told *whatsapp.Notices) []item {
	notices := make(map[[2]string]*whatsapp.AccountNotices)
	for i := range told.Accounts {
		n := &told.Accounts[i]
		notices[[2]string{n.Account, n.WABAID}] = n
	}
	var out []item
	for _, a := range all {
		if a.Token != nil && !a.Token.Valid {
			out = append(out, item{broken, "Access token", a.Name, []string{"not valid"}})
		}
		health := a.Health()
		for i := range a.WABAs {
			w := &a.WABAs[i]
			n := newWABA(a.Name, w, health)
			n.tellNotices(now, notices[[2]string{a.Name, w.ID}])
			out = append(out, n)
		}
		out = append(out, dependencies(a.Name, health)...)
	}
	return out
}

func newWABA(account string, w *whatsapp.WABA, health []whatsapp.Health) item {
	n := item{Name: "WABA " + w.ID, Of: account}
	judge(&n, "", w.Status, ofAccount)
	judge(&n, "review ", w.ReviewStatus, ofReview)
	for _, h := range health {
		if h.Entity == "waba" && h.EntityID == w.ID {
			judge(&n, "sending ", h.State, ofHealth)
		}
	}
	return n
}

// dependencies are the businesses and apps that the messages of an account depend on, where they are not well.
func dependencies(account string, health []whatsapp.Health) []item {
	var out []item
	for _, h := range health {
		if h.Entity != "business" && h.Entity != "app" {
			continue
		}
		n := item{Name: string(h.Entity) + " " + h.EntityID, Of: account}
		if judge(&n, "sending ", h.State, ofHealth); n.Level != "" {
			out = append(out, n)
		}
	}
	return out
}

// tellNotices adds what webhooks told of an account; nil: nothing.
func (i *item) tellNotices(now time.Time, told *whatsapp.AccountNotices) {
	if told == nil {
		return
	}
	judge(i, "ban ", told.Ban, ofBan)
	if told.Ban == "scheduled" && !told.BanDate.IsZero() {
		i.tell(act, "disabled in %s", left(told.BanDate.Sub(now)))
	}
	if told.Disconnected != "" {
		i.tell(broken, "disconnected: %s", words(string(told.Disconnected)))
	}
	for _, r := range told.Restrictions {
		what := words(strings.ToLower(r.Type))
		if r.Until.IsZero() {
			i.tell(broken, "%s", what)
		} else {
			i.tell(broken, "%s for %s", what, left(r.Until.Sub(now)))
		}
	}
	for _, a := range told.Alerts {
		i.tell(look, "alert: %s", words(strings.ToLower(a.Type)))
	}
}
