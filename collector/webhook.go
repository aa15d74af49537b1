package collector

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"whatsapp_sla_exporter/internal/whatsapp"
)

var (
	webhookTable table

	webhookEvents = webhookTable.counter("whatsapp_webhook_events_total",
		"Changes that the webhook took, by field. A retry of a change that was taken is not one.",
		"there is no webhook", "field")
	webhookDuplicates = webhookTable.counter("whatsapp_webhook_duplicates_total",
		"Changes that were a retry of one that was taken already, by field.",
		"there is no webhook", "field")
	webhookRejected = webhookTable.counter("whatsapp_webhook_rejected_total",
		"Requests to the webhook that were refused, by reason.",
		"there is no webhook", "reason")
	webhookUnknownValues = webhookTable.counter("whatsapp_webhook_unknown_values_total",
		"Values that webhooks told and the exporter does not know, by where they stood.",
		"no unknown value was told", "field")
	webhookUnknownAccounts = webhookTable.counter("whatsapp_webhook_unknown_accounts_total",
		"Changes of WhatsApp Business Accounts that no configured account has. What they say is kept, and shown once one has.",
		"there is no webhook")
)

var (
	webhooks       = subject[*whatsapp.Notices]{&webhookTable, buildWebhooks}
	noticeSubjects = []subject[*whatsapp.Notices]{webhooks, restrictions, numberNotices, users}
)

func buildWebhooks(b *builder, n *whatsapp.Notices) {
	countBy(b, webhookEvents, "field", n.Events)
	countBy(b, webhookDuplicates, "field", n.Duplicates)
	countBy(b, webhookRejected, "reason", n.Rejected)
	countBy(b, webhookUnknownValues, "field", n.UnknownValues)
	b.counter(webhookUnknownAccounts, float64(n.UnknownAccounts))
}

func countBy(b *builder, f *family, label string, counts map[string]uint64) {
	for value, n := range counts {
		b.counter(f, float64(n), pair(label, value))
	}
}

// Notices gives what webhooks have told. A pointer changes exactly when what it points to does.
type Notices interface {
	Notices(now time.Time) *whatsapp.Notices
}

// NewNotices returns a gatherer of what webhooks have told, for Merge. Nothing of it becomes stale: a restriction
// lasts until it ends, whether or not another webhook comes.
func NewNotices(source Notices, now func() time.Time) prometheus.Gatherer {
	return &noticeCollector{source: source, now: now}
}

type noticeCollector struct {
	source Notices
	now    func() time.Time

	mu   sync.Mutex
	of   *whatsapp.Notices // what kept was made of
	kept []*dto.MetricFamily
}

// Gather implements prometheus.Gatherer.
func (c *noticeCollector) Gather() ([]*dto.MetricFamily, error) {
	n := c.source.Notices(c.now())
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of != n {
		c.of, c.kept = n, joinFamilies(build(noticeSubjects, n), nil)
	}
	return c.kept, nil
}
