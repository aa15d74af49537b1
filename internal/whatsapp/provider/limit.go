package provider

import (
	"math"
	"strconv"
	"strings"

	"whatsapp_sla_exporter/internal/whatsapp"
)

// Limit is a messaging limit that a provider tells of a number.
type Limit struct {
	Tier  string // as Meta spells it, or unknown; empty: not told
	Users float64
	Known bool
}

// notTold are the words that providers have for a limit that Meta did not give them.
var notTold = map[string]bool{"": true, "NA": true, "LIMIT_NA": true, "UNAVAILABLE": true, "UNKNOWN": true, "NONE": true}

// Limit reads a messaging limit in any of the spellings: TIER_10K, LIMIT_10K, "10K Customers/24hr", 10000, -1.
func (t *Translator) Limit(field, raw string) Limit {
	words := strings.Fields(raw)
	if len(words) == 0 || notTold[strings.ToUpper(words[0])] {
		return Limit{}
	}
	users, known, ok := whatsapp.ParseTier(words[0])
	switch {
	case !ok:
		t.unheard.Note(field, raw)
		return Limit{Tier: string(whatsapp.Unknown)}
	case !known:
		return Limit{Tier: strings.ToUpper(words[0])}
	}
	return Limit{Tier: tier(users), Users: users, Known: true}
}

// tier is Meta's name of a limit.
func tier(users float64) string {
	switch n := int64(users); {
	case math.IsInf(users, 1):
		return "TIER_UNLIMITED"
	case n%1000 == 0:
		return "TIER_" + strconv.FormatInt(n/1000, 10) + "K"
	default:
		return "TIER_" + strconv.FormatInt(n, 10)
	}
}
