package graph

// entity is one entry of health_status.
type entity struct {
	kind, id string
	health   Health
}

// wabaHealth are the entities that every node of a WABA reports.
func (s *Server) wabaHealth(w *WABA) []entity {
	if w == nil {
		return nil
	}
	out := []entity{{"WABA", w.ID, w.Health}}
	if w.PortfolioID != "" {
		out = append(out, entity{"BUSINESS", w.PortfolioID, Health{}})
	}
	for _, app := range w.Apps {
		out = append(out, entity{"APP", app, Health{}})
	}
	return out
}

var badness = map[string]int{"AVAILABLE": 0, "LIMITED": 1, "BLOCKED": 2}

// health is health_status. Its overall value is the worst of everything, calling over SIP included, as in Meta's
// own sample: it may be BLOCKED although every entity can send.
func (s *Server) health(entities []entity) map[string]any {
	worst := "AVAILABLE"
	list := []any{}
	for _, e := range entities {
		state := e.health.CanSend
		if state == "" {
			state = "AVAILABLE"
		}
		for _, v := range []string{state, e.health.SIP} {
			if badness[v] > badness[worst] {
				worst = v
			}
		}
		list = append(list, s.entityObject(e, state))
	}
	return map[string]any{"can_send_message": worst, "entities": list}
}

func (s *Server) entityObject(e entity, state string) map[string]any {
	out := map[string]any{"entity_type": e.kind, "id": s.id(e.id), "can_send_message": state}
	if e.health.SIP != "" {
		out["can_receive_call_sip"] = e.health.SIP
	}
	if len(e.health.Info) > 0 {
		out["additional_info"] = e.health.Info
	}
	var errors []any
	for _, err := range e.health.Errors {
		errors = append(errors, map[string]any{"error_code": err.Code, "error_description": err.Description, "possible_solution": "See Meta's documentation."})
	}
	if errors != nil {
		out["errors"] = errors
	}
	return out
}
