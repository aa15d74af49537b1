package graph

import (
	"context"
	"errors"
	"fmt"
	"strings"
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
	sum, err := sumDelivered(delivered, now)
	if err != nil {
		return nil, err
	}
	// Every delivered message has a price, be it none: without any point the prices are missing, not the messages.
	if pricing == nil || len(pricing) == 0 && sum.week > 0 {
		return &messages{all: sum}, nil
	}
	m, err := sumPriced(pricing, now)
	if err != nil || delivered == nil {
		return m, err
	}
	m.all = window{min(m.all.day, sum.day), min(m.all.week, sum.week)}
	return m, nil
}

func sumDelivered(points []point, now time.Time) (sum window, err error) {
	for i := range points {
		p := &points[i]
		if p.Delivered == nil {
			return window{}, errors.New("a data point without delivered")
		}
		w, err := p.window(*p.Delivered, now)
		if err != nil {
			return window{}, err
		}
		sum = sum.plus(w)
	}
	return sum, nil
}

func sumPriced(points []point, now time.Time) (*messages, error) {
	m := &messages{numbers: map[string]window{}}
	for i := range points {
		w, err := points[i].priced(now)
		if err != nil {
			return nil, err
		}
		phone := digits(string(points[i].Phone))
		m.numbers[phone] = m.numbers[phone].plus(w)
		m.all = m.all.plus(w)
	}
	return m, nil
}

// priced is what a point of pricing analytics adds: all messages but those that are known to be answers within a
// window or to come from an entry point. A type that nobody has seen counts: the sum is an upper bound.
func (p *point) priced(now time.Time) (window, error) {
	if p.Volume == nil {
		return window{}, errors.New("a data point without volume")
	}
	w, err := p.window(*p.Volume, now)
	if err != nil || p.free() {
		return window{}, err
	}
	return w, nil
}

// free says whether the messages do not count towards the limit. Source: Meta's pricing analytics, whose types beside
// REGULAR all begin with FREE; answers within a window have the category SERVICE even where they are charged.
func (p *point) free() bool {
	return strings.HasPrefix(strings.ToUpper(string(p.PricingType)), "FREE_") || strings.EqualFold(string(p.Category), "SERVICE")
}

// window counts n where the half-hour reaches into the last 24 h and 7 days: too much rather than too little.
func (p *point) window(n float64, now time.Time) (w window, err error) {
	if p.End <= 0 {
		return w, errors.New("a data point without end")
	}
	age := now.Sub(time.Unix(p.End, 0))
	if age < 24*time.Hour {
		w.day = n
	}
	if age < 7*24*time.Hour {
		w.week = n
	}
	return w, nil
}
