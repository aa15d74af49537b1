package collector

import (
	"time"

	dto "github.com/prometheus/client_model/go"

	"whatsapp_sla_exporter/internal/diagnosis"
	"whatsapp_sla_exporter/internal/platform"
	"whatsapp_sla_exporter/internal/qr"
)

// Surroundings gives what is known around the accounts: a few series, so that they are made at each scrape.
type Surroundings interface {
	Pages() []*platform.Page
	Sessions() []*qr.Session
	// Diagnoses are made anew at the given instant, because a source that is not read any more changes them.
	Diagnoses(now time.Time) []diagnosis.Diagnosis
}

// ChannelCollector is a prometheus.Gatherer of status pages, QR sessions and diagnoses.
type ChannelCollector struct {
	around     Surroundings
	staleAfter func() time.Duration
	now        func() time.Time
}

// NewChannels returns a collector. A page or session that was not read for staleAfter loses its series.
func NewChannels(s Surroundings, staleAfter func() time.Duration, now func() time.Time) *ChannelCollector {
	return &ChannelCollector{around: s, staleAfter: staleAfter, now: now}
}

// channels is what a scrape shows.
type channels struct {
	pages     []*platform.Page
	sessions  []*qr.Session
	diagnoses []diagnosis.Diagnosis
}

var channelSubjects = []subject[*channels]{platformStatus, qrSessions, diagnoses}

// Gather implements prometheus.Gatherer.
func (c *ChannelCollector) Gather() ([]*dto.MetricFamily, error) {
	now, staleAfter := c.now(), c.staleAfter()
	stale := func(readAt time.Time) bool { return staleAfter > 0 && now.Sub(readAt) > staleAfter }
	s := &channels{diagnoses: c.around.Diagnoses(now)}
	for _, p := range c.around.Pages() {
		if !stale(p.ReadAt) {
			s.pages = append(s.pages, p)
		}
	}
	for _, q := range c.around.Sessions() {
		if !stale(q.ReadAt) {
			s.sessions = append(s.sessions, q)
		}
	}
	return joinFamilies(build(channelSubjects, s), nil), nil
}
