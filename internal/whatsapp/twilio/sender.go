package twilio

import (
	"slices"
	"strconv"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// senderPage is one page of the list.
type senderPage struct {
	Senders []sender `json:"senders"`
	Meta    loose.Value[struct {
		Next loose.Text `json:"next_page_url"`
	}] `json:"meta"`
}

// sender is a number that Twilio has registered with WhatsApp.
type sender struct {
	SID        loose.Text `json:"sid"`
	Address    loose.Text `json:"sender_id"` // whatsapp:+34600112233
	Status     loose.Text `json:"status"`
	Properties loose.Value[struct {
		Quality loose.Text `json:"quality_rating"`
		Limit   loose.Text `json:"messaging_limit"`
	}] `json:"properties"`
	Configuration loose.Value[struct {
		WABA loose.Text `json:"waba_id"`
	}] `json:"configuration"`
	Profile loose.Value[struct {
		Name loose.Text `json:"name"`
	}] `json:"profile"`
	Reasons loose.Value[[]struct {
		Code loose.Text `json:"code"`
	}] `json:"offline_reasons"`
}

// statuses are Twilio's own. Source: its Senders API reference.
var statuses = map[string]whatsapp.Enum{
	"online":               "connected",
	"online:updating":      "connected",
	"offline":              "disconnected",
	"pending_verification": "unverified",
	"creating":             "pending",
	"verifying":            "pending",
	"twilio_review":        "pending",
	"draft":                "pending",
	"stubbed":              "pending",
}

func (c *Client) number(s *sender, address string) whatsapp.PhoneNumber {
	n := whatsapp.PhoneNumber{
		ID:                 string(s.SID),
		WABAID:             string(s.Configuration.V.WABA),
		DisplayPhoneNumber: address,
		VerifiedName:       string(s.Profile.V.Name),
		Quality:            c.translate.Quality("quality_rating", string(s.Properties.V.Quality)),
		Status:             c.translate.Word(statuses, "status", string(s.Status)),
	}
	if codes := s.codes(); n.Status == "disconnected" && len(codes) > 0 {
		n.Health = []whatsapp.Health{{Entity: "phone_number", EntityID: n.ID, State: "blocked", ErrorCodes: codes}}
	}
	return n
}

// codes are Twilio's error codes for why the sender is offline.
func (s *sender) codes() []int {
	var out []int
	for _, r := range s.Reasons.V {
		if n, err := strconv.Atoi(string(r.Code)); err == nil && n > 0 {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
