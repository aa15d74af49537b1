package collector

import (
	"slices"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
)

// subject is one topic: the families in its table and the function that makes their series of a snapshot.
type subject[S any] struct {
	table *table
	build func(b *builder, snapshot S)
}

// part is the series of one snapshot, by family; sorted, without duplicates.
type part struct {
	series map[*family][]*dto.Metric
}

// build makes the series of all subjects of a snapshot.
func build[S any](subjects []subject[S], snapshot S) *part {
	p := &part{series: map[*family][]*dto.Metric{}}
	var b builder
	for _, s := range subjects {
		b.series = make([][]*dto.Metric, len(s.table.families))
		s.build(&b, snapshot)
		for i, series := range b.series {
			if len(series) > 0 {
				p.series[s.table.families[i]] = unique(series)
			}
		}
	}
	return p
}

// builder makes series. Their labels have to be given in the order of the family's, sorted by name; nil ones
// are left out.
type builder struct {
	series [][]*dto.Metric // by index of the family in its table
	// metrics and labels are room for the next series: many small allocations would cost more than the series.
	metrics []dto.Metric
	labels  []*dto.LabelPair
	room    int
}

// The values that most series have. They are shared and never written to.
var (
	zero = gaugeOf(0)
	one  = gaugeOf(1)
)

func gaugeOf(v float64) *dto.Gauge { return &dto.Gauge{Value: &v} }

func (b *builder) gauge(f *family, v float64, labels ...*dto.LabelPair) {
	switch v {
	case 0:
		b.add(f, labels).Gauge = zero
	case 1:
		b.add(f, labels).Gauge = one
	default:
		b.add(f, labels).Gauge = gaugeOf(v)
	}
}

func (b *builder) counter(f *family, v float64, labels ...*dto.LabelPair) {
	b.add(f, labels).Counter = &dto.Counter{Value: &v}
}

// timestamp makes a series of an instant in Unix seconds, and none of a zero one.
func (b *builder) timestamp(f *family, at time.Time, labels ...*dto.LabelPair) {
	if !at.IsZero() {
		b.gauge(f, unix(at), labels...)
	}
}

// unix is the instant in seconds, with the precision that it has.
func unix(at time.Time) float64 { return float64(at.Unix()) + float64(at.Nanosecond())/1e9 }

func (b *builder) flag(f *family, on bool, labels ...*dto.LabelPair) {
	b.gauge(f, number(on), labels...)
}

func number(on bool) float64 {
	if on {
		return 1
	}
	return 0
}

// enumOf makes one series per value of the family's enum: 1 for the given one, or for unknown where the list
// does not have it. An empty value was not told and makes no series.
func enumOf[E ~string](b *builder, f *family, value E, labels ...*dto.LabelPair) {
	if value == "" {
		return
	}
	is := string(value)
	if !slices.Contains(f.values, is) {
		is = unknown
	}
	var room [8]*dto.LabelPair
	all := append(append(append(room[:0], labels[:f.at]...), nil), labels[f.at:]...)
	for _, p := range f.pairs {
		all[f.at] = p
		b.flag(f, p.GetValue() == is, all...)
	}
}

// add appends a series without a value.
func (b *builder) add(f *family, labels []*dto.LabelPair) *dto.Metric {
	if len(b.metrics) == 0 {
		b.room = min(max(2*b.room, 16), 1024)
		b.metrics = make([]dto.Metric, b.room)
	}
	m := &b.metrics[0]
	b.metrics = b.metrics[1:]
	m.Label = b.list(len(f.labels))
	for _, l := range labels {
		if l != nil {
			m.Label = append(m.Label, l)
		}
	}
	b.series[f.index] = append(b.series[f.index], m)
	return m
}

// list returns an empty list with room for n labels.
func (b *builder) list(n int) []*dto.LabelPair {
	if len(b.labels) < n {
		b.labels = make([]*dto.LabelPair, max(4*b.room, n))
	}
	l := b.labels[:0:n]
	b.labels = b.labels[n:]
	return l
}

// unique sorts series and drops the second and later ones with equal labels: a series given twice would make
// Prometheus complain about the whole scrape.
func unique(series []*dto.Metric) []*dto.Metric {
	for i := 1; i < len(series); i++ {
		if compareLabels(series[i-1], series[i]) >= 0 {
			slices.SortStableFunc(series, compareLabels)
			return slices.CompactFunc(series, func(x, y *dto.Metric) bool { return compareLabels(x, y) == 0 })
		}
	}
	return series
}

// compareLabels orders series as client_golang does: fewer labels first, then by the labels.
func compareLabels(x, y *dto.Metric) int { return compareLists(x.Label, y.Label) }

func compareLists(x, y []*dto.LabelPair) int {
	if len(x) != len(y) {
		return len(x) - len(y)
	}
	for i, l := range x {
		r := y[i]
		if l == r { // most labels are shared
			continue
		}
		if c := strings.Compare(l.GetName(), r.GetName()); c != 0 {
			return c
		}
		if c := strings.Compare(l.GetValue(), r.GetValue()); c != 0 {
			return c
		}
	}
	return 0
}
