package graph

import (
	"encoding/json"
	"math"
	"time"
)

// spend counts a call against the allowance of a WABA.
func (s *Server) spend(waba string) *refusal {
	now := s.o.Now()
	calls := s.spent[waba]
	for len(calls) > 0 && now.Sub(calls[0]) >= time.Hour {
		calls = calls[1:]
	}
	if len(calls) >= s.allowance(waba) {
		s.spent[waba] = calls
		return &refusal{status: 400, code: 80008, message: "(#80008) There have been too many calls to this WhatsApp Business account. Wait a bit and try again."}
	}
	s.spent[waba] = append(calls, now)
	return nil
}

// allowance is 200 calls an hour, and HourlyCalls with a registered number.
func (s *Server) allowance(waba string) int {
	for _, n := range s.listed[waba] {
		if n.Status == "CONNECTED" {
			return s.o.HourlyCalls
		}
	}
	return min(200, s.o.HourlyCalls)
}

// metered adds the usage header of a WABA.
func (s *Server) metered(out reply, waba string) reply {
	if waba == "" {
		return out
	}
	calls, allowed := s.spent[waba], s.allowance(waba)
	regain := 0
	if len(calls) >= allowed {
		regain = int(math.Ceil(calls[0].Add(time.Hour).Sub(s.o.Now()).Minutes()))
	}
	percent := len(calls) * 100 / allowed
	header, err := json.Marshal(map[string]any{waba: []any{
		map[string]any{"type": "whatsapp_business_management", "call_count": percent, "total_cputime": percent / 4, "total_time": percent / 4, "estimated_time_to_regain_access": regain},
		map[string]any{"type": "whatsapp", "call_count": 1, "total_cputime": 1, "total_time": 1, "estimated_time_to_regain_access": 0},
	}})
	if err == nil {
		out.header.Set("X-Business-Use-Case-Usage", string(header))
	}
	out.header.Set("X-App-Usage", `{"call_count":3,"total_cputime":2,"total_time":2}`)
	return out
}
