package graph

import (
	"context"
	"regexp"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// wabaNode is a WABA as the API tells it.
type wabaNode struct {
	ID           loose.Text `json:"id"`
	Status       loose.Text `json:"status"`
	Review       loose.Text `json:"account_review_status"`
	Verification loose.Text `json:"business_verification_status"`
	Country      loose.Text `json:"country"`
	Limit        loose.Text `json:"whatsapp_business_manager_messaging_limit"`
	Owner        loose.Value[struct {
		ID loose.Text `json:"id"`
	}] `json:"owner_business_info"`
	Health loose.Value[healthNode] `json:"health_status"`
}

var wabaFields = endpoint{"waba", []string{
	"id", "status", "account_review_status", "business_verification_status", "country", "owner_business_info",
	"whatsapp_business_manager_messaging_limit", healthField,
}}

var countryCode = regexp.MustCompile(`^[A-Z]{2}$`)

// readNode reads the WABA itself: one call.
func (c *Client) readNode(ctx context.Context, w *waba, p plan) (int, error) {
	var n wabaNode
	calls, err := c.node(ctx, wabaFields, "/"+w.id, nil, &n)
	if err != nil {
		return calls, err
	}
	if string(n.ID) != w.id {
		return calls, badPage("/"+w.id, "the answer is about another object")
	}
	c.odd("owner_business_info", n.Owner.Odd)
	reading := whatsapp.Reading{At: c.o.Now(), Every: p.node}
	w.node = &whatsapp.WABA{
		Reading:              reading,
		ID:                   w.id,
		PortfolioID:          string(n.Owner.V.ID),
		ReviewStatus:         c.enum(whatsapp.ReviewStatuses, "account_review_status", n.Review),
		BusinessVerification: c.enum(whatsapp.VerificationStatuses, "business_verification_status", verified(n.Verification)),
		Status:               c.enum(whatsapp.AccountStatuses, "account_status", n.Status),
		Health:               c.health(n.Health, "waba", w.id),
	}
	if w.node.PortfolioID == "" {
		w.node.PortfolioID = business(w.node.Health)
	}
	if countryCode.MatchString(string(n.Country)) {
		w.node.Country = string(n.Country)
	}
	if n.Limit != "" {
		w.tier, w.tierAt = string(n.Limit), reading
	}
	return calls, nil
}
