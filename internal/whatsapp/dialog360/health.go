package dialog360

import (
	"context"
	"slices"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/whatsapp"
	"whatsapp_sla_exporter/internal/whatsapp/provider"
)

const healthPath = "/health_status"

// healthAnswer is Meta's health_status as 360dialog passes it on. The value for everything together also tells
// whether the number can be called over SIP: only the entities are read, and of them only can_send_message.
type healthAnswer struct {
	Health struct {
		Entities []healthEntity `json:"entities"`
	} `json:"health_status"`
}

type healthEntity struct {
	Type    loose.Text `json:"entity_type"`
	ID      loose.Text `json:"id"`
	CanSend loose.Text `json:"can_send_message"`
	Errors  loose.Value[[]struct {
		Code loose.Value[int] `json:"error_code"`
	}] `json:"errors"`
}

// readHealth reads the health of the number that the API key is for.
func (c *Client) readHealth(ctx context.Context, d *provider.Draft) error {
	var answer healthAnswer
	if _, err := c.up.GetJSON(ctx, healthPath, nil, &answer); err != nil {
		return err
	}
	ids := map[whatsapp.Enum]string{}
	var health []whatsapp.Health
	for i := range answer.Health.Entities {
		h := c.entity(&answer.Health.Entities[i])
		health = append(health, h)
		ids[h.Entity] = h.EntityID
	}
	if ids["phone_number"] == "" {
		return unexpected(healthPath, "the answer names no phone number")
	}
	d.Number(whatsapp.PhoneNumber{ID: ids["phone_number"], WABAID: ids["waba"], Health: health}, provider.Limit{})
	if ids["waba"] != "" {
		d.WABA(whatsapp.WABA{ID: ids["waba"], PortfolioID: ids["business"]})
	}
	return nil
}

func (c *Client) entity(e *healthEntity) whatsapp.Health {
	h := whatsapp.Health{
		Entity:   c.translate.Enum(whatsapp.HealthEntities, "entity_type", string(e.Type)),
		EntityID: string(e.ID),
		State:    c.translate.Enum(whatsapp.HealthStates, "can_send_message", string(e.CanSend)),
	}
	if h.Entity == "" {
		h.Entity = whatsapp.Unknown
	}
	if h.State == "" {
		h.State = whatsapp.Unknown
	}
	if h.State == "available" {
		return h
	}
	for _, err := range e.Errors.V {
		if err.Code.V != 0 {
			h.ErrorCodes = append(h.ErrorCodes, err.Code.V)
		}
	}
	slices.Sort(h.ErrorCodes)
	h.ErrorCodes = slices.Compact(h.ErrorCodes)
	return h
}
