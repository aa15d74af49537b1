package graph

import (
	"cmp"
	"context"
	"slices"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// healthNode is health_status. Its own can_send_message is the worst of everything, calling over SIP included:
// a number on which SIP is off is BLOCKED there although it sends. So only the entities are read, and of them
// only can_send_message.
type healthNode struct {
	CanSend  loose.Text    `json:"can_send_message"`
	Entities []healthEntry `json:"entities"`
}

type healthEntry struct {
	Type    loose.Text `json:"entity_type"`
	ID      loose.Text `json:"id"`
	CanSend loose.Text `json:"can_send_message"`
	Errors  []struct {
		Code loose.Value[int] `json:"error_code"`
	} `json:"errors"`
}

// health reads health_status of the node id of the given kind. Without entities the overall value is the node's,
// if it is a good one: a bad one may be about calling.
func (c *Client) health(h loose.Value[healthNode], entity whatsapp.Enum, id string) []whatsapp.Health {
	c.odd(healthField, h.Odd)
	if len(h.V.Entities) == 0 {
		state := c.enum(whatsapp.HealthStates, "can_send_message", h.V.CanSend)
		if state == "" {
			return nil
		}
		if state != "available" {
			state = whatsapp.Unknown
		}
		return []whatsapp.Health{{Entity: entity, EntityID: id, State: state}}
	}
	out := make([]whatsapp.Health, 0, len(h.V.Entities))
	for i := range h.V.Entities {
		out = append(out, c.entity(&h.V.Entities[i]))
	}
	return out
}

func (c *Client) entity(e *healthEntry) whatsapp.Health {
	h := whatsapp.Health{
		Entity:   c.enum(whatsapp.HealthEntities, "entity_type", e.Type),
		EntityID: string(e.ID),
		State:    c.enum(whatsapp.HealthStates, "can_send_message", e.CanSend),
	}
	h.Entity, h.State = cmp.Or(h.Entity, whatsapp.Unknown), cmp.Or(h.State, whatsapp.Unknown)
	if h.State == "available" {
		return h
	}
	for _, err := range e.Errors {
		if err.Code.V != 0 {
			h.ErrorCodes = append(h.ErrorCodes, err.Code.V)
		}
	}
	slices.Sort(h.ErrorCodes)
	h.ErrorCodes = slices.Compact(h.ErrorCodes)
	return h
}

var numberHealth = endpoint{"phone_number_health", []string{healthField}}

// readHealth reads the health of one number, for versions that do not tell it with the list.
func (c *Client) readHealth(ctx context.Context, w *waba, id string) (int, error) {
	var node struct {
		Health loose.Value[healthNode] `json:"health_status"`
	}
	calls, err := c.node(ctx, numberHealth, "/"+id, nil, &node)
	if err == nil {
		w.healths[id] = c.health(node.Health, "phone_number", id)
	}
	return calls, err
}
