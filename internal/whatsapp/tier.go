package whatsapp

import (
	"math"
	"strconv"
	"strings"
)

// ParseTier reads a messaging limit as Meta and the providers spell it: TIER_1K, LIMIT_10K, 2000, -1, UNLIMITED.
// Users is +Inf where there is no limit. Known is false where the tier says nothing of a number (UNTIERED,
// TIER_NOT_SET, empty), ok is false where the spelling is new and should be counted.
// Source: the limit values of Meta's phone number node and of its webhooks.
func ParseTier(raw string) (users float64, known, ok bool) {
	s := strings.ToUpper(strings.TrimSpace(raw))
	switch s {
	case "", "UNTIERED", "TIER_NOT_SET":
		return 0, false, true
	case "TIER_UNLIMITED", "UNLIMITED", "LIMIT_UNLIMITED", "-1":
		return math.Inf(1), true, true
	}
	s = strings.TrimPrefix(strings.TrimPrefix(s, "TIER_"), "LIMIT_")
	factor := 1.0
	if n, ok := strings.CutSuffix(s, "K"); ok {
		s, factor = n, 1e3
	} else if n, ok := strings.CutSuffix(s, "M"); ok {
		s, factor = n, 1e6
	}
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil || n == 0 {
		return 0, false, false
	}
	return float64(n) * factor, true, true
}
