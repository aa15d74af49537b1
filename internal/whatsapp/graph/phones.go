package graph

import (
	"cmp"
	"context"
	"strings"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// phoneNode is a phone number as the API tells it. Every field but id is optional: Meta takes fields away.
type phoneNode struct {
	ID               loose.Text `json:"id"`
	Display          loose.Text `json:"display_phone_number"`
	VerifiedName     loose.Text `json:"verified_name"`
	Status           loose.Text `json:"status"`
	Quality          loose.Text `json:"quality_rating"`
	Limit            loose.Text `json:"whatsapp_business_manager_messaging_limit"` // the portfolio's
	Tier             loose.Text `json:"messaging_limit_tier"`                      // deprecated; the number's until October 2025
	NameStatus       loose.Text `json:"name_status"`
	CodeVerification loose.Text `json:"code_verification_status"`
	QualityScore     loose.Value[struct {
		Score loose.Text `json:"score"`
	}] `json:"quality_score"`
	Throughput loose.Value[struct {
		Level loose.Text `json:"level"`
	}] `json:"throughput"`
	Health loose.Value[healthNode] `json:"health_status"`
}

const healthField = "health_status"

var phonesEdge = endpoint{"phone_numbers", []string{
	"id", "display_phone_number", "verified_name", "status", "quality_rating", "quality_score",
	"whatsapp_business_manager_messaging_limit", "messaging_limit_tier", "name_status", "code_verification_status",
	"throughput", healthField,
}}

// readPhones reads the numbers of w: one call per 100. Numbers leave the account only here, after the whole list
// was read.
func (c *Client) readPhones(ctx context.Context, w *waba, factor int) (int, error) {
	nodes, calls, err := edge(ctx, c, phonesEdge, "/"+w.id+"/phone_numbers", func(n *phoneNode) string { return string(n.ID) })
	if err != nil {
		return calls, err
	}
	w.numbers, w.tiers = make([]whatsapp.PhoneNumber, 0, len(nodes)), map[string]string{}
	w.phonePages = max(1, (len(nodes)+pageSize-1)/pageSize)
	reading := whatsapp.Reading{At: c.o.Now(), Every: c.plan(w, factor).phones}
	w.limited = c.fields.isRefused(phonesEdge.name, healthField, reading.At)
	for i := range nodes {
		n := c.phoneNumber(&nodes[i], reading)
		n.WABAID = w.id
		w.numbers = append(w.numbers, n)
		if tier := cmp.Or(nodes[i].Limit, nodes[i].Tier); tier != "" {
			w.tier, w.tierAt = string(tier), reading
		}
		if tier := cmp.Or(nodes[i].Tier, nodes[i].Limit); tier != "" {
			w.tiers[n.ID] = string(tier)
		}
	}
	w.forget()
	return calls, nil
}

// forget drops the details of numbers that are no longer listed.
func (w *waba) forget() {
	listed := map[string]bool{}
	for i := range w.numbers {
		listed[w.numbers[i].ID] = true
	}
	for id := range w.profileJobs {
		if !listed[id] {
			delete(w.profileJobs, id)
			delete(w.profiles, id)
		}
	}
	for id := range w.healthJobs {
		if !listed[id] {
			delete(w.healthJobs, id)
			delete(w.healths, id)
		}
	}
}

func (c *Client) phoneNumber(n *phoneNode, r whatsapp.Reading) whatsapp.PhoneNumber {
	c.odd("quality_score", n.QualityScore.Odd)
	c.odd("throughput", n.Throughput.Odd)
	return whatsapp.PhoneNumber{
		Reading:                r,
		ID:                     string(n.ID),
		DisplayPhoneNumber:     string(n.Display),
		VerifiedName:           string(n.VerifiedName),
		Quality:                c.quality("quality_rating", cmp.Or(n.Quality, n.QualityScore.V.Score)),
		Status:                 c.enum(whatsapp.PhoneStatuses, "status", n.Status),
		NameStatus:             c.enum(whatsapp.NameStatuses, "name_status", n.NameStatus),
		ThroughputLevel:        c.enum(whatsapp.ThroughputLevels, "throughput", n.Throughput.V.Level),
		CodeVerificationStatus: c.enum(whatsapp.CodeVerificationStatuses, "code_verification_status", verified(n.CodeVerification)),
		Health:                 c.health(n.Health, "phone_number", string(n.ID)),
	}
}

// verified is raw, or Meta's other spelling of the same state: its OpenAPI file has one, and its answers the other.
func verified(raw loose.Text) loose.Text {
	if strings.EqualFold(string(raw), "UNVERIFIED") {
		return "NOT_VERIFIED"
	}
	return raw
}
