package graph

import (
	"context"
	"errors"
	"fmt"
	"time"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// halfHour is the finest granularity of Meta's analytics.
const halfHour = 30 * time.Minute

// point is one half-hour of analytics (delivered) or of pricing analytics (volume: delivered as well).
type point struct {
	End         int64      `json:"end"`
	Delivered   *float64   `json:"delivered"`
	Volume      *float64   `json:"volume"`
	Phone       loose.Text `json:"phone_number"`
	PricingType loose.Text `json:"pricing_type"`
	Category    loose.Text `json:"pricing_category"`
}

// series are data points as Meta's pages show them: directly, or within a data list.
type series struct {
	Points []point `json:"data_points"`
	Data   []struct {
		Points []point `json:"data_points"`
	} `json:"data"`
}

// points is nil where no list of them was sent: then nothing is known. An empty list says that there were none.
func (s *series) points() []point {
	if s == nil {
		return nil
	}
	all := s.Points
	for _, d := range s.Data {
		if d.Points != nil && all == nil {
			all = []point{}
		}
		all = append(all, d.Points...)
	}
	if all == nil && s.Data != nil {
		all = []point{}
	}
	return all
}

type analyticsNode struct {
	Analytics *series `json:"analytics"`
	Pricing   *series `json:"pricing_analytics"`
	series            // pricing analytics without their own key, as one of Meta's samples shows them
}

// analyticsFields asks for delivered template messages (product type 0) and for the volume by number and price.
func analyticsFields(start, end time.Time) endpoint {
	span := fmt.Sprintf(".start(%d).end(%d).granularity(HALF_HOUR)", start.Unix(), end.Unix())
	return endpoint{"analytics", []string{
		"analytics" + span + ".product_types([0])",
		"pricing_analytics" + span + `.metric_types(["VOLUME"]).dimensions(["PHONE","PRICING_CATEGORY","PRICING_TYPE"])`,
	}}
}

// readAnalytics counts the delivered messages that the business initiated, over 24 h and 7 days: one call.
func (c *Client) readAnalytics(ctx context.Context, w *waba, p plan) (int, error) {
	now := c.o.Now()
	end := now.Truncate(halfHour).Add(halfHour)
	start := now.Add(-7 * 24 * time.Hour).Truncate(halfHour)
	var n analyticsNode
	calls, err := c.node(ctx, analyticsFields(start, end), "/"+w.id, nil, &n)
	if err != nil {
		return calls, err
	}
	m, err := n.count(now)
	if err != nil {
		return calls, badPage("/"+w.id, err.Error())
	}
	m.Reading = whatsapp.Reading{At: now, Every: p.analytics}
	w.messages = m
	return calls, nil
}

// count takes the smaller of both readings where both were told: template messages include those that answered a
// customer, priced messages do not include free entry points; each bounds the use of the limit from above.
func (n *analyticsNode) count(now time.Time) (*messages, error) {
	pricing := n.Pricing.points()
	if pricing == nil {
		pricing = n.series.points()
	}
	delivered := n.Analytics.points()
	if pricing == nil && delivered == nil {
		return nil, errors.New("the answer has neither analytics nor pricing_analytics")
	}
	m := &messages{}
	if pricing != nil {
		m.numbers = map[string]window{}
		for i := range pricing {
			w, err := pricing[i].priced(now)
			if err != nil {
				return nil, err
			}
			phone := digits(string(pricing[i].Phone))
			m.numbers[phone] = m.numbers[phone].plus(w)
			m.all = m.all.plus(w)
		}
	}
	if delivered == nil {
		return m, nil
	}
	var sum window
	for i := range delivered {
		if delivered[i].Delivered == nil {
			return nil, errors.New("a data point without delivered")
		}
		sum = sum.plus(delivered[i].window(*delivered[i].Delivered, now))
	}
	if pricing == nil {
		m.all = sum
	} else {
		m.all = window{min(m.all.day, sum.day), min(m.all.week, sum.week)}
	}
	return m, nil
}

// priced is what a point of pricing analytics adds: regular messages that are not answers within a window.
func (p *point) priced(now time.Time) (window, error) {
	if p.Volume == nil {
		return window{}, errors.New("a data point without volume")
	}
	if p.PricingType != "REGULAR" || p.Category == "SERVICE" {
		return window{}, nil
	}
	return p.window(*p.Volume, now), nil
}

// window counts n where the half-hour reaches into the last 24 h and 7 days: too much rather than too little.
func (p *point) window(n float64, now time.Time) (w window) {
	age := now.Sub(time.Unix(p.End, 0))
	if age < 24*time.Hour {
		w.day = n
	}
	if age < 7*24*time.Hour {
		w.week = n
	}
	return w
}
