package graph

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// id is an id as the server sends it.
func (s *Server) id(v string) any {
	if s.o.NumericIDs {
		return json.Number(v)
	}
	return v
}

func (s *Server) readPortfolio(c call, p *Portfolio, edge string) (any, *refusal) {
	if no := c.token.may(BusinessScope, ""); no != nil {
		return nil, no
	}
	switch edge {
	case "":
		wants, no := s.wants(c, portfolioNode)
		if no != nil {
			return nil, no
		}
		return pick(wants, map[string]any{
			"id": s.id(p.ID), "name": p.Name, "timezone_id": 104, "verification_status": "verified",
			"whatsapp_business_manager_messaging_limit": optional(p.Limit),
		}), nil
	case "owned_whatsapp_business_accounts":
		return s.wabaList(c, func(w *WABA) bool { return w.PortfolioID == p.ID })
	case "client_whatsapp_business_accounts":
		return s.wabaList(c, func(w *WABA) bool { return slices.Contains(p.Clients, w.ID) })
	}
	return nil, unknownObject(p.ID + "/" + edge)
}

func (s *Server) wabaList(c call, in func(*WABA) bool) (any, *refusal) {
	wants, no := s.wants(c, wabaNode)
	if no != nil {
		return nil, no
	}
	var list []*WABA
	for _, w := range s.order {
		if in(w) {
			list = append(list, w)
		}
	}
	return paged(c, wabasEdge, len(list), func(i int) any { return pick(wants, s.wabaObject(list[i])) })
}

func (s *Server) readWABA(c call, w *WABA, edge string) (any, *refusal) {
	if no := c.token.may(ManagementScope, w.ID); no != nil {
		return nil, no
	}
	switch edge {
	case "":
		wants, no := s.wants(c, wabaNode)
		if no != nil {
			return nil, no
		}
		return s.withAnalytics(w, wants, pick(wants, s.wabaObject(w)))
	case "phone_numbers":
		return s.phoneList(c, w)
	case "message_templates":
		return s.templateList(c, w)
	case "subscribed_apps":
		return s.appList(c, w)
	}
	return nil, unknownObject(w.ID + "/" + edge)
}

// appList is the one list that has no pages, as Meta's samples show it.
func (s *Server) appList(c call, w *WABA) (any, *refusal) {
	wants, no := s.wants(c, appNode)
	if no != nil {
		return nil, no
	}
	if _, no := limit(c, appsEdge); no != nil {
		return nil, no
	}
	data := []any{}
	for _, app := range w.Apps {
		data = append(data, pick(wants, map[string]any{
			"whatsapp_business_api_data": map[string]any{"id": s.id(app), "name": "App " + app, "link": "https://app.example/"},
		}))
	}
	return map[string]any{"data": data}, nil
}

func (s *Server) wabaObject(w *WABA) map[string]any {
	all := map[string]any{
		"id": s.id(w.ID), "name": w.Name, "status": w.Status, "account_review_status": w.Review,
		"business_verification_status": w.Verification, "country": w.Country, "currency": w.Currency,
		"timezone_id": w.TimezoneID, "ownership_type": "SELF_OWNED", "message_template_namespace": "58e6d318_b627_4112_b9c7_" + w.ID, "is_enabled_for_insights": true,
		"owner_business_info":                       map[string]any{"id": s.id(w.PortfolioID), "name": "Business " + w.PortfolioID},
		"whatsapp_business_manager_messaging_limit": s.limit(w),
		"health_status":                             s.health(s.wabaHealth(w)),
	}
	maps.Copy(all, w.Extra)
	return all
}

// limit is the portfolio's messaging limit.
func (s *Server) limit(w *WABA) any {
	if w == nil {
		return nil
	}
	if p := s.portfolio(w.PortfolioID); p != nil {
		return optional(p.Limit)
	}
	return nil
}

func optional(v string) any {
	if v == "" {
		return nil
	}
	return v
}

// phoneList keeps its answers until the world changes: ten thousand numbers are read every minute, and nearly all of
// them are as they were.
func (s *Server) phoneList(c call, w *WABA) (any, *refusal) {
	key := fmt.Sprint(c.version, w.ID, "?", c.query.Encode())
	if body, ok := s.told[key]; ok {
		return body, nil
	}
	wants, no := s.wants(c, numberNode)
	if no != nil {
		return nil, no
	}
	list := s.listed[w.ID]
	page, no := paged(c, phonesEdge, len(list), func(i int) any { return pick(wants, s.numberObject(list[i])) })
	if no != nil {
		return nil, no
	}
	body, err := json.Marshal(page)
	if err != nil {
		return page, nil //nolint:nilerr // the answer's own encoding tells it
	}
	s.told[key] = body
	return json.RawMessage(body), nil
}

func (s *Server) readNumber(c call, n *Number, edge string) (any, *refusal) {
	if no := c.token.may(ManagementScope, n.WABAID); no != nil {
		return nil, no
	}
	switch edge {
	case "":
		wants, no := s.wants(c, numberNode)
		if no != nil {
			return nil, no
		}
		return pick(wants, s.numberObject(n)), nil
	case "whatsapp_business_profile":
		wants, no := s.wants(c, profileNode)
		if no != nil {
			return nil, no
		}
		profile := pick(wants, profileObject(n))
		if n.NestedProfile {
			profile = map[string]any{"business_profile": profile}
		}
		return map[string]any{"data": []any{profile}}, nil
	}
	return nil, unknownObject(n.ID + "/" + edge)
}

func (s *Server) numberObject(n *Number) map[string]any {
	waba := s.waba(n.WABAID)
	limit := s.limit(waba)
	tier := optional(n.Tier)
	if tier == nil {
		tier = limit // the deprecated field gives the portfolio's limit since October 2025
	}
	all := map[string]any{
		"id": s.id(n.ID), "display_phone_number": n.Display, "verified_name": n.VerifiedName, "status": n.Status,
		"quality_rating": n.Quality, "quality_score": map[string]any{"score": n.Quality},
		"whatsapp_business_manager_messaging_limit": limit, "messaging_limit_tier": tier,
		"name_status": n.NameStatus, "code_verification_status": n.Verification,
		"throughput": map[string]any{"level": n.Throughput}, "account_mode": "LIVE", "platform_type": "CLOUD_API",
		"is_official_business_account": false, "is_pin_enabled": true, "last_onboarded_time": "2025-11-03T09:12:44+0000",
		"health_status": s.health(append([]entity{{"PHONE_NUMBER", n.ID, n.Health}}, s.wabaHealth(waba)...)),
	}
	maps.Copy(all, n.Extra)
	return all
}

func profileObject(n *Number) map[string]any {
	all := map[string]any{
		"email": optional(n.Email), "address": optional(n.Address), "description": optional(n.Description),
		"profile_picture_url": optional(n.Picture), "vertical": "RETAIL", "messaging_product": "whatsapp",
	}
	if len(n.Websites) > 0 {
		all["websites"] = n.Websites
	}
	return all
}

func (s *Server) templateList(c call, w *WABA) (any, *refusal) {
	wants, no := s.wants(c, templateNode)
	if no != nil {
		return nil, no
	}
	list := s.templates[w.ID]
	if name := c.query.Get("name"); name != "" {
		list = slices.DeleteFunc(slices.Clone(list), func(t Template) bool { return t.Name != name })
	}
	return paged(c, templatesEdge, len(list), func(i int) any {
		t := list[i]
		return pick(wants, map[string]any{
			"id": s.id(t.ID), "name": t.Name, "language": t.Language, "status": t.Status, "category": t.Category,
			"quality_score": map[string]any{"score": t.Quality, "date": s.o.Now().Unix()}, "rejected_reason": "NONE",
			"last_updated_time": "2026-09-21T08:00:00+0000",
		})
	})
}
