package collector

import (
	"errors"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// joinFamilies joins the series of all sources into families, sorted by name.
func joinFamilies(static *part, sources []*source) []*dto.MetricFamily {
	parts := make([]*part, 0, len(sources)+1)
	if static != nil {
		parts = append(parts, static)
	}
	for _, s := range sources {
		parts = append(parts, s.part)
	}
	byFamily := map[*family][][]*dto.Metric{}
	for _, p := range parts {
		for f, series := range p.series {
			byFamily[f] = append(byFamily[f], series)
		}
	}
	out := make([]*dto.MetricFamily, 0, len(byFamily))
	for f, lists := range byFamily {
		out = append(out, f.dto(joinSeries(lists)))
	}
	return sorted(out)
}

// joinSeries joins sorted lists. The sources have different labels, so there is nothing to drop.
func joinSeries(lists [][]*dto.Metric) []*dto.Metric {
	if len(lists) == 1 {
		return lists[0]
	}
	all := slices.Concat(lists...)
	if !slices.IsSortedFunc(all, compareLabels) {
		slices.SortFunc(all, compareLabels)
	}
	return all
}

func sorted(families []*dto.MetricFamily) []*dto.MetricFamily {
	slices.SortFunc(families, func(x, y *dto.MetricFamily) int {
		return strings.Compare(x.GetName(), y.GetName())
	})
	return families
}

// Merge returns a gatherer of what all of them gather, sorted by name. No two may have a family of the same
// name. Unlike prometheus.Gatherers it takes the families as they are and looks at no series, so that it costs
// the same for ten and for a million. What could be gathered is returned along with the errors.
func Merge(gatherers ...prometheus.Gatherer) prometheus.Gatherer {
	return prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		lists := make([][]*dto.MetricFamily, len(gatherers))
		errs := make([]error, len(gatherers))
		for i, g := range gatherers {
			lists[i], errs[i] = g.Gather()
		}
		return sorted(slices.Concat(lists...)), errors.Join(errs...)
	})
}
