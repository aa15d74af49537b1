package graph

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// halfHour is the granularity that is served; DAY and MONTH are not needed by anybody here and are refused.
const halfHour = 30 * time.Minute

// lookBack is how far analytics reach. Meta: one year.
const lookBack = 365 * 24 * time.Hour

// withAnalytics adds what was asked for by field expansion.
func (s *Server) withAnalytics(w *WABA, wants []want, out map[string]any) (any, *refusal) {
	for _, want := range wants {
		var v any
		var no *refusal
		switch want.name {
		case "analytics":
			v, no = s.messageAnalytics(w, want)
		case "pricing_analytics":
			v, no = s.pricingAnalytics(w, want)
		default:
			continue
		}
		if no != nil {
			return nil, no
		}
		if want.name == "pricing_analytics" && s.o.UnnestedPricing {
			out["data"] = v.(map[string]any)["data"]
		} else {
			out[want.name] = v
		}
	}
	return out, nil
}

// span reads start, end and granularity.
func (s *Server) span(w want) (from, to time.Time, no *refusal) {
	start, errStart := strconv.ParseInt(w.args["start"], 10, 64)
	end, errEnd := strconv.ParseInt(w.args["end"], 10, 64)
	switch {
	case errStart != nil || errEnd != nil || start >= end:
		return from, to, badParameter("The parameters start and end are required Unix times, start before end")
	case w.args["granularity"] != "HALF_HOUR":
		return from, to, badParameter("Param granularity must be one of {HALF_HOUR}")
	case time.Unix(start, 0).Before(s.o.Now().Add(-lookBack)):
		return from, to, badParameter("The start time is too far in the past")
	}
	return time.Unix(start, 0), time.Unix(end, 0), nil
}

// key groups traffic into data points.
type key struct {
	start                 int64
	phone, kind, category string
}

func (s *Server) sums(w *WABA, from, to time.Time, keep func(Traffic) bool, group func(Traffic, *key)) ([]key, map[key]int) {
	sums := map[key]int{}
	for _, t := range s.traffic {
		n := s.number(t.NumberID)
		if n == nil || n.WABAID != w.ID || t.At.Before(from) || !t.At.Before(to) || !keep(t) {
			continue
		}
		k := key{start: t.At.Truncate(halfHour).Unix()}
		group(t, &k)
		sums[k] += t.Count
	}
	keys := make([]key, 0, len(sums))
	for k := range sums {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b key) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.phone, b.phone), cmp.Compare(a.kind, b.kind), cmp.Compare(a.category, b.category))
	})
	return keys, sums
}

func (s *Server) messageAnalytics(w *WABA, want want) (any, *refusal) {
	from, to, no := s.span(want)
	if no != nil {
		return nil, no
	}
	var products []int
	if raw := want.args["product_types"]; raw != "" && json.Unmarshal([]byte(raw), &products) != nil {
		return nil, badParameter("Param product_types must be an array")
	}
	keep := func(t Traffic) bool {
		product := 2
		if t.Template {
			product = 0
		}
		return len(products) == 0 || slices.Contains(products, product)
	}
	keys, sums := s.sums(w, from, to, keep, func(Traffic, *key) {})
	points := []any{}
	for _, k := range keys {
		points = append(points, map[string]any{"start": k.start, "end": k.start + int64(halfHour.Seconds()), "sent": sums[k], "delivered": sums[k]})
	}
	return map[string]any{"granularity": "HALF_HOUR", "phone_numbers": s.phones(w), "data_points": points}, nil
}

// phones are the numbers of a WABA as analytics name them: digits.
func (s *Server) phones(w *WABA) []string {
	out := []string{}
	for _, n := range s.listed[w.ID] {
		out = append(out, onlyDigits(n.Display))
	}
	return out
}

func onlyDigits(v string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, v)
}

var dimensions = []string{"COUNTRY", "PHONE", "PRICING_CATEGORY", "PRICING_TYPE", "TIER"}

func (s *Server) pricingAnalytics(w *WABA, want want) (any, *refusal) {
	from, to, no := s.span(want)
	if no != nil {
		return nil, no
	}
	var by []string
	if raw := want.args["dimensions"]; raw != "" && json.Unmarshal([]byte(raw), &by) != nil {
		return nil, badParameter("Param dimensions must be an array")
	}
	for _, d := range by {
		if !slices.Contains(dimensions, d) {
			return nil, badParameter("Param dimensions[0] must be one of {" + strings.Join(dimensions, ", ") + "}")
		}
	}
	keys, sums := s.sums(w, from, to, func(t Traffic) bool { return t.Type != "" }, func(t Traffic, k *key) {
		if slices.Contains(by, "PHONE") {
			k.phone = onlyDigits(s.number(t.NumberID).Display)
		}
		if slices.Contains(by, "PRICING_TYPE") {
			k.kind = t.Type
		}
		if slices.Contains(by, "PRICING_CATEGORY") {
			k.category = t.Category
		}
	})
	points := []any{}
	for _, k := range keys {
		p := map[string]any{"start": k.start, "end": k.start + int64(halfHour.Seconds()), "volume": sums[k]}
		for name, v := range map[string]string{"phone_number": k.phone, "pricing_type": k.kind, "pricing_category": k.category} {
			if v != "" {
				p[name] = v
			}
		}
		points = append(points, p)
	}
	return map[string]any{"data": []any{map[string]any{"data_points": points}}}, nil
}
