package collector

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
)

// The load of the benchmarks: every fact told of every phone number, every ticket open with three targets.
const (
	loadNumbers = 5_000
	loadTickets = 100_000
	loadGroups  = 200
)

// discard is a response that goes nowhere, but for the copy that a socket would make.
type discard struct {
	header http.Header
	bytes  int
	socket [32 << 10]byte
}

func (d *discard) Header() http.Header { return d.header }
func (d *discard) WriteHeader(int)     {}

func (d *discard) Write(b []byte) (int, error) {
	for chunk := range slices.Chunk(b, len(d.socket)) {
		copy(d.socket[:], chunk)
	}
	d.bytes += len(b)
	return len(b), nil
}

// constMetrics makes every series anew at each scrape, as exporters usually do.
type constMetrics struct {
	families []*dto.MetricFamily
	descs    []*prometheus.Desc
}

func newConstMetrics(families []*dto.MetricFamily) *constMetrics {
	c := &constMetrics{families: families}
	for _, f := range families {
		var names []string
		for _, l := range f.Metric[0].Label {
			names = append(names, l.GetName())
		}
		c.descs = append(c.descs, prometheus.NewDesc(f.GetName(), f.GetHelp(), names, nil))
	}
	return c
}

func (c *constMetrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range c.descs {
		ch <- d
	}
}

func (c *constMetrics) Collect(ch chan<- prometheus.Metric) {
	values := make([]string, 0, 16)
	for i, f := range c.families {
		for _, m := range f.Metric {
			values = values[:0]
			for _, l := range m.Label {
				values = append(values, l.GetValue())
			}
			ch <- prometheus.MustNewConstMetric(c.descs[i], prometheus.GaugeValue, m.GetGauge().GetValue(), values...)
		}
	}
}

// The Accept header of Prometheus 3, and that of a plain client.
const (
	acceptPrometheus = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
	acceptText       = "text/plain;version=0.0.4;escaping=allow-utf-8"
)

func scrape(b *testing.B, h http.Handler, series int, accept, encoding string) {
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.Header.Set("Accept", accept)
	r.Header.Set("Accept-Encoding", encoding)
	b.ReportAllocs()
	d := &discard{}
	for b.Loop() {
		d.header, d.bytes = http.Header{}, 0
		h.ServeHTTP(d, r)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(series), "ns/series")
	b.ReportMetric(float64(d.bytes)/float64(series), "B/series-out")
}

func countSeries(families []*dto.MetricFamily) (n int) {
	for _, f := range families {
		n += len(f.Metric)
	}
	return n
}

// BenchmarkScrape compares, for the same series in the same run, what is kept with const metrics made at each
// scrape and with writing bytes rendered before.
func BenchmarkScrape(b *testing.B) {
	account, snapshot := loadAccount("acme", loadNumbers), loadSnapshot(loadTickets, loadGroups)
	c := New(fixedAccounts{account}, fixedHelpdesks{snapshot}, at(noon))
	families, err := c.Gather()
	if err != nil {
		b.Fatal(err)
	}
	series := countSeries(families)
	b.Logf("%d series in %d families", series, len(families))
	reg := prometheus.NewRegistry()
	reg.MustRegister(newConstMetrics(families))
	opts := promhttp.HandlerOpts{EnableOpenMetrics: true}
	rendered := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.Header.Set("Accept", acceptText)
	promhttp.HandlerFor(c, promhttp.HandlerOpts{DisableCompression: true}).ServeHTTP(rendered, r)
	body := slices.Clone(rendered.Body.Bytes())

	b.Run("kept/text", func(b *testing.B) { scrape(b, Handler(c, HandlerOptions{}), series, acceptText, "identity") })
	b.Run("kept/prometheus", func(b *testing.B) { scrape(b, Handler(c, HandlerOptions{}), series, acceptPrometheus, "identity") })
	b.Run("kept/prometheus-gzip", func(b *testing.B) { scrape(b, Handler(c, HandlerOptions{}), series, acceptPrometheus, "gzip") })
	b.Run("const/text", func(b *testing.B) { scrape(b, promhttp.HandlerFor(reg, opts), series, acceptText, "identity") })
	b.Run("const/prometheus-gzip", func(b *testing.B) { scrape(b, promhttp.HandlerFor(reg, opts), series, acceptPrometheus, "gzip") })
	b.Run("rendered/text", func(b *testing.B) {
		scrape(b, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }), series, acceptText, "identity")
	})
	b.Run("gather", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = c.Gather()
		}
	})
	b.Run("rebuild", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			account, snapshot := *account, *snapshot
			c.accounts, c.helpdesks = fixedAccounts{&account}, fixedHelpdesks{&snapshot}
			_, _ = c.Gather()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(series), "ns/series")
	})
}
