package webhook

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/loose"
)

// alertKey tells alerts of an account apart.
type alertKey struct{ Type, Entity, EntityID string }

// MarshalText makes the key that of a JSON object.
func (k alertKey) MarshalText() ([]byte, error) {
	return []byte(k.Type + "/" + k.Entity + "/" + k.EntityID), nil
}

var errAlertKey = errors.New("the key of an alert is not type/entity/id")

// UnmarshalText is the reverse of MarshalText.
func (k *alertKey) UnmarshalText(raw []byte) error {
	parts := strings.SplitN(string(raw), "/", 3)
	if len(parts) != 3 {
		return errAlertKey
	}
	k.Type, k.Entity, k.EntityID = parts[0], parts[1], parts[2]
	return nil
}

// maxAlerts bounds the alerts that are kept of one account.
const maxAlerts = 100

// alerted is an alert that Meta raised or took back.
type alerted struct {
	key      alertKey
	severity string
	active   bool
}

func (f alerted) apply(a *account, _ *number, at time.Time) {
	had, known := a.Alerts[f.key]
	if at.Before(had.At) || !known && len(a.Alerts) >= maxAlerts {
		return
	}
	if a.Alerts == nil {
		a.Alerts = map[alertKey]alert{}
	}
	a.Alerts[f.key] = alert{At: at, Severity: f.severity, Active: f.active}
}

// alertInfo is the alert itself, which older samples have flat in the value.
type alertInfo struct {
	Severity loose.Text `json:"alert_severity"`
	Status   loose.Text `json:"alert_status"`
	Type     loose.Text `json:"alert_type"`
}

func (r *reading) accountAlert(c *change, value []byte) {
	var v struct {
		EntityType loose.Text              `json:"entity_type"`
		EntityID   loose.Text              `json:"entity_id"`
		Info       loose.Value[*alertInfo] `json:"alert_info"`
		alertInfo
	}
	if !decodeValue(c, value, &v) {
		return
	}
	info := v.alertInfo
	if v.Info.V != nil {
		info = *v.Info.V
	}
	c.hint = true
	if info.Type == "" {
		c.notes = append(c.notes, note{"account_alerts", ""})
		return
	}
	if !alertStatuses[strings.ToLower(string(info.Status))] {
		c.notes = append(c.notes, note{"alert_status", string(info.Status)}) // and active: not known to be over
	}
	c.facts = append(c.facts, alerted{
		key:      alertKey{c.known(alertTypes, "alert_type", info.Type), entity(v.EntityType), entityID(v.EntityID)},
		severity: c.known(severities, "alert_severity", info.Severity), active: !strings.EqualFold(string(info.Status), "NONE"),
	})
}

func entity(t loose.Text) string {
	if e := strings.ToLower(string(t)); e == "business" || e == "phone_number" || e == "waba" || e == "current_status_id" {
		return e
	}
	return unknown
}

// entityID is an id of Meta's, and nothing else becomes a label.
func entityID(t loose.Text) string {
	if isID(string(t)) {
		return string(t)
	}
	return ""
}

// isID says whether s can be an id: digits, up to 20 of them.
func isID(s string) bool {
	return s != "" && len(s) <= 20 && strings.Trim(s, "0123456789") == ""
}

// decodeValue decodes the value of a change; one that is no object is noted.
func decodeValue(c *change, value []byte, into any) bool {
	if err := json.Unmarshal(value, into); err != nil {
		c.notes = append(c.notes, note{c.field, "a value that is no object"})
		return false
	}
	return true
}

// known is raw in lower case where the list has it; else unknown, and noted.
func (c *change) known(list vocabulary, field string, raw loose.Text) string {
	v := strings.ToLower(string(raw))
	if list[v] {
		return v
	}
	c.notes = append(c.notes, note{field, string(raw)})
	return unknown
}
