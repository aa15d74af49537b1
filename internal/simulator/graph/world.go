package graph

import (
	"maps"
	"slices"
	"time"
)

// Portfolio is a Meta business.
type Portfolio struct {
	ID, Name string
	Limit    string   // whatsapp_business_manager_messaging_limit, for example TIER_2K
	Clients  []string // WABAs of others that are shared with it
}

// WABA is a WhatsApp Business Account.
type WABA struct {
	ID, PortfolioID, Name         string
	Status, Review, Verification  string
	Country, Currency, TimezoneID string
	Health                        Health         // of the WABA itself
	Apps                          []string       // that get its webhooks
	Extra                         map[string]any // as in Number
}

// Number is a phone number. Extra overrides or adds fields of the answer; a nil value leaves the field out.
type Number struct {
	ID, WABAID                  string
	Display, VerifiedName       string
	Status, Quality             string
	NameStatus, Verification    string
	Throughput, Tier            string
	Health                      Health
	Email, Address, Description string
	Picture                     string
	Websites                    []string
	NestedProfile               bool // as Meta's OpenAPI file draws it
	Extra                       map[string]any
}

// Health is an entity's part of health_status.
type Health struct {
	CanSend string // default AVAILABLE
	SIP     string // can_receive_call_sip; phone numbers and apps only
	Errors  []HealthError
	Info    []string // additional_info, when LIMITED
}

// HealthError is a reported error.
type HealthError struct {
	Code        int
	Description string
}

// Template is a message template.
type Template struct {
	ID, WABAID, Name, Language string
	Status, Category, Quality  string
}

// Traffic is a number of messages delivered within the half-hour of At.
type Traffic struct {
	NumberID string
	At       time.Time
	Template bool   // a template message, otherwise a free-form reply
	Type     string // pricing type, for example REGULAR
	Category string // pricing category, for example MARKETING
	Count    int
}

// SetPortfolio adds a portfolio, or replaces the one with its id.
func (s *Server) SetPortfolio(p Portfolio) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.told)
	s.portfolios[p.ID] = &p
}

// SetWABA adds a WABA, or replaces the one with its id.
func (s *Server) SetWABA(w WABA) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.told)
	setDefault(map[*string]string{
		&w.Status: "ACTIVE", &w.Review: "APPROVED", &w.Verification: "verified", &w.Country: "ES", &w.Currency: "EUR", &w.TimezoneID: "104",
	})
	if old := s.waba(w.ID); old != nil {
		*old = w
		return
	}
	s.wabas[w.ID] = &w
	s.order = append(s.order, &w)
}

// SetNumber adds a phone number, or replaces the one with its id.
func (s *Server) SetNumber(n Number) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.told)
	setDefault(map[*string]string{
		&n.Status: "CONNECTED", &n.Quality: "GREEN", &n.NameStatus: "APPROVED", &n.Verification: "VERIFIED", &n.Throughput: "STANDARD",
	})
	if old := s.number(n.ID); old != nil && old.WABAID == n.WABAID {
		*old = n
		return
	}
	s.remove(n.ID)
	s.numbers[n.ID] = &n
	s.listed[n.WABAID] = append(s.listed[n.WABAID], &n)
}

func setDefault(values map[*string]string) {
	for v, standard := range values {
		if *v == "" {
			*v = standard
		}
	}
}

// ChangeNumber changes a phone number; an id that is not there changes nothing.
func (s *Server) ChangeNumber(id string, change func(*Number)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.told)
	if n := s.number(id); n != nil {
		changed := *n
		changed.Extra = maps.Clone(n.Extra)
		change(&changed)
		*n = changed
	}
}

// ChangeWABA changes a WABA; an id that is not there changes nothing.
func (s *Server) ChangeWABA(id string, change func(*WABA)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.told)
	if w := s.waba(id); w != nil {
		change(w)
	}
}

// RemoveNumber takes a number away from its WABA.
func (s *Server) RemoveNumber(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.told)
	s.remove(id)
}

func (s *Server) remove(id string) {
	n := s.number(id)
	if n == nil {
		return
	}
	delete(s.numbers, id)
	s.listed[n.WABAID] = slices.DeleteFunc(s.listed[n.WABAID], func(o *Number) bool { return o.ID == id })
}

// SetTemplate adds a template, or replaces the one with its id.
func (s *Server) SetTemplate(t Template) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.templates[t.WABAID]
	if i := slices.IndexFunc(list, func(o Template) bool { return o.ID == t.ID }); i >= 0 {
		list[i] = t
		return
	}
	s.templates[t.WABAID] = append(list, t)
}

// Deliver adds delivered messages.
func (s *Server) Deliver(t Traffic) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.traffic = append(s.traffic, t)
}

func (s *Server) portfolio(id string) *Portfolio { return s.portfolios[id] }
func (s *Server) waba(id string) *WABA           { return s.wabas[id] }
func (s *Server) number(id string) *Number       { return s.numbers[id] }
