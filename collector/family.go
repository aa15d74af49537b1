package collector

import (
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// family describes one metric family. It is what the series are made with and what docs/metrics.md says.
type family struct {
	name   string
	help   string
	kind   dto.MetricType
	labels []string // sorted
	absent string   // when there are no series, in words, for the docs

	index int // in its table
	// Of an enum: its values, their label, and its place in labels.
	values []string
	label  string
	at     int
	pairs  []*dto.LabelPair // the values as labels, sorted by value
}

// table holds the families of one subject in the order of their declaration.
type table struct {
	families []*family
}

func (t *table) add(f *family) *family {
	slices.Sort(f.labels)
	f.index = len(t.families)
	t.families = append(t.families, f)
	return f
}

// gauge declares a gauge. absent says when it has no series; empty: whenever its source is not read.
func (t *table) gauge(name, help, absent string, labels ...string) *family {
	return t.add(&family{name: name, help: help, absent: absent, kind: dto.MetricType_GAUGE, labels: labels})
}

// counter declares a counter.
func (t *table) counter(name, help, absent string, labels ...string) *family {
	return t.add(&family{name: name, help: help, absent: absent, kind: dto.MetricType_COUNTER, labels: labels})
}

// unknown is the value of an enum that stands for all values that its list does not have.
const unknown = "unknown"

// enum declares a gauge with one series per value of label.
func enum[E ~string](t *table, name, help, absent, label string, values []E, labels ...string) *family {
	f := t.gauge(name, help, absent, append(labels, label)...)
	f.label, f.at = label, slices.Index(f.labels, label)
	for _, v := range values {
		f.values = append(f.values, string(v))
		f.pairs = append(f.pairs, pair(label, string(v)))
	}
	slices.SortFunc(f.pairs, func(x, y *dto.LabelPair) int { return strings.Compare(x.GetValue(), y.GetValue()) })
	return f
}

// gaugeVec and counterVec are the family as direct instrumentation, for what the exporter counts of itself.
func (f *family) gaugeVec() *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: f.name, Help: f.help}, f.labels)
}

func (f *family) counterVec() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: f.name, Help: f.help}, f.labels)
}

// dto is the family with the given series, which must be sorted and without duplicates.
func (f *family) dto(series []*dto.Metric) *dto.MetricFamily {
	return &dto.MetricFamily{Name: &f.name, Help: &f.help, Type: &f.kind, Metric: series}
}

// pair is a label. An empty value is no label (nil), as Prometheus has it. Bytes that are not UTF-8 are
// replaced, because one of them would make Prometheus refuse the whole scrape.
func pair(name, value string) *dto.LabelPair {
	if value == "" {
		return nil
	}
	l := &label{name: name, value: valid(value)}
	l.pair.Name, l.pair.Value = &l.name, &l.value
	return &l.pair
}

// label is a pair together with what it points to: one allocation in place of three.
type label struct {
	pair        dto.LabelPair
	name, value string
}

func valid(value string) string { return strings.ToValidUTF8(value, "\uFFFD") }
