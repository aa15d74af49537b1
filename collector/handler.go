package collector

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// HandlerOptions configure Handler. The zero value of each field has a default.
type HandlerOptions struct {
	// Registry takes the promhttp_* metrics on the handler itself; nil: there are none.
	Registry prometheus.Registerer
	ErrorLog promhttp.Logger
	// MaxRequests is how many scrapes are answered at once; more get 503. Default 40.
	MaxRequests int
	// Timeout is how long the writing of an answer may take. Default 30 s.
	Timeout time.Duration
	Now     func() time.Time
}

// Handler serves what g gathers in the format and compression that the client asks for: text, OpenMetrics or
// protobuf; gzip or none.
//
// A client that stops reading is cut off by a deadline on the connection. promhttp's own timeout would hold each
// answer in memory a second time, and its CoalesceGather would let such a client freeze the metrics of all others.
func Handler(g prometheus.Gatherer, o HandlerOptions) http.Handler {
	if o.MaxRequests == 0 {
		o.MaxRequests = 40
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	h := promhttp.HandlerFor(g, promhttp.HandlerOpts{
		// One broken collector must not take the metrics of all others along.
		ErrorHandling:       promhttp.ContinueOnError,
		ErrorLog:            o.ErrorLog,
		Registry:            o.Registry,
		MaxRequestsInFlight: o.MaxRequests,
		EnableOpenMetrics:   true,
	})
	if o.Registry != nil {
		h = promhttp.InstrumentMetricHandler(o.Registry, h)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Not every ResponseWriter has deadlines; one without is not on a connection that could stall.
		_ = http.NewResponseController(w).SetWriteDeadline(o.Now().Add(o.Timeout))
		h.ServeHTTP(w, r)
	})
}
