package webhook

import (
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// accountUpdateValue is the value of account_update.
type accountUpdateValue struct {
	Event     loose.Text                  `json:"event"`
	Violation loose.Value[*violationInfo] `json:"violation_info"`
	// Restrictions is nil where there is no list: an empty one means that there are none any more.
	Restrictions loose.Value[[]restrictionInfo]  `json:"restriction_info"`
	Ban          loose.Value[*banInfo]           `json:"ban_info"`
	Disconnect   loose.Value[*disconnectionInfo] `json:"disconnection_info"`
	WABA         loose.Value[*wabaInfo]          `json:"waba_info"`
}

type violationInfo struct {
	Type loose.Text `json:"violation_type"`
}

type restrictionInfo struct {
	Type       loose.Text `json:"restriction_type"`
	Expiration loose.Text `json:"expiration"`
}

type banInfo struct {
	State loose.Text `json:"waba_ban_state"`
	Date  loose.Text `json:"waba_ban_date"`
}

type disconnectionInfo struct {
	Reason loose.Text `json:"reason"`
}

type wabaInfo struct {
	ID loose.Text `json:"waba_id"`
}

func (r *reading) accountUpdate(c *change, value []byte) {
	var v accountUpdateValue
	if !decodeValue(c, value, &v) {
		return
	}
	c.hint = true
	// Events of partners have the partner's business for the id of the entry.
	if v.WABA.V != nil && isID(string(v.WABA.V.ID)) {
		c.waba = string(v.WABA.V.ID)
	}
	event := c.known(accountEvents, "account_update.event", v.Event)
	switch event {
	case "account_violation":
		c.facts = append(c.facts, counted{violations, c.violation(v.Violation.V)})
	case "account_offboarded":
		c.facts = append(c.facts, linked{c.disconnection(v.Disconnect.V)})
	case "account_deleted", "partner_removed":
		c.facts = append(c.facts, linked{whatsapp.Enum(event)})
	case "account_reconnected", "partner_added":
		c.facts = append(c.facts, linked{})
	}
	c.restrictions(event, v.Restrictions)
	if v.Ban.V != nil {
		c.ban(*v.Ban.V)
	}
}

func (c *change) violation(v *violationInfo) string {
	if v == nil {
		v = &violationInfo{}
	}
	return c.known(violationTypes, "violation_type", v.Type)
}

func (c *change) disconnection(v *disconnectionInfo) whatsapp.Enum {
	if v == nil {
		v = &disconnectionInfo{}
	}
	return whatsapp.Enum(c.known(disconnectReasons, "disconnection_info.reason", v.Reason))
}

func (c *change) restrictions(event string, list loose.Value[[]restrictionInfo]) {
	if list.Odd {
		c.notes = append(c.notes, note{"restriction_info", ""})
	}
	if event == "account_restriction" && list.V != nil && len(list.V) == 0 {
		c.facts = append(c.facts, lifted{all: true})
	}
	for _, i := range list.V {
		until, ok := parseInstant(string(i.Expiration))
		if !ok && i.Expiration != "" && i.Expiration != "0" {
			c.notes = append(c.notes, note{"expiration", string(i.Expiration)})
		}
		if !ok {
			until = time.Time{}
		}
		c.facts = append(c.facts, restricted{c.known(restrictionTypes, "restriction_type", i.Type), until})
	}
}

func (c *change) ban(b banInfo) {
	state, ok := banStates[strings.ToLower(string(b.State))]
	if !ok {
		c.notes = append(c.notes, note{"waba_ban_state", string(b.State)})
		state = unknown
	}
	date, ok := parseInstant(string(b.Date))
	if !ok {
		date = time.Time{}
		if b.Date != "" {
			c.notes = append(c.notes, note{"waba_ban_date", string(b.Date)})
		}
	}
	c.facts = append(c.facts, banned{whatsapp.Enum(state), date})
	if state == BanReinstated {
		c.facts = append(c.facts, lifted{})
	}
}

// numberUpdate reads phone_number_quality_update, which despite its name tells no ratings.
func (r *reading) numberUpdate(c *change, value []byte) {
	var v struct {
		Number loose.Text `json:"display_phone_number"`
		Event  loose.Text `json:"event"`
	}
	if !decodeValue(c, value, &v) {
		return
	}
	c.hint = true
	event := c.known(numberEvents, "phone_number_quality_update.event", v.Event)
	if event != "flagged" && event != "unflagged" {
		return
	}
	if !strings.ContainsAny(string(v.Number), "0123456789") {
		c.notes = append(c.notes, note{"phone_number_quality_update.display_phone_number", ""}) // of no number, it would wait for ever
		return
	}
	c.flag = &flag{string(v.Number), event == "flagged"}
}

// security tells of the two-step verification of a number.
func (r *reading) security(c *change, value []byte) {
	var v struct {
		Event loose.Text `json:"event"`
	}
	if decodeValue(c, value, &v) {
		c.facts = append(c.facts, counted{securityCounts, c.known(securityEvents, "security.event", v.Event)})
	}
}

func (r *reading) templateStatus(c *change, value []byte) {
	var v struct {
		Event loose.Text `json:"event"`
	}
	if decodeValue(c, value, &v) {
		c.templates = true
		c.facts = append(c.facts, counted{templateCounts, c.known(templateEvents, "template.event", v.Event)})
	}
}

func (r *reading) templateQuality(c *change, value []byte) {
	var v struct {
		Quality loose.Text `json:"new_quality_score"`
	}
	if decodeValue(c, value, &v) {
		c.templates = true
		c.facts = append(c.facts, counted{templateCounts, "quality_" + c.known(qualities, "new_quality_score", v.Quality)})
	}
}

// preferences counts who stopped marketing messages, not who they are.
func (r *reading) preferences(c *change, value []byte) {
	var v struct {
		Metadata loose.Value[struct {
			ID loose.Text `json:"phone_number_id"`
		}] `json:"metadata"`
		Preferences loose.Value[[]struct {
			Category loose.Text `json:"category"`
			Value    loose.Text `json:"value"`
		}] `json:"user_preferences"`
	}
	if !decodeValue(c, value, &v) {
		return
	}
	c.phone = string(v.Metadata.V.ID)
	if !isID(c.phone) {
		c.notes = append(c.notes, note{"user_preferences.phone_number_id", ""})
	}
	for _, p := range v.Preferences.V {
		switch strings.ToLower(string(p.Value)) {
		case "stop":
			c.facts = append(c.facts, optedOut{})
		case "resume":
		default:
			c.notes = append(c.notes, note{"user_preferences.value", string(p.Value)})
		}
	}
}
