package poll

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/state"
)

// HelpdeskClient reads one helpdesk.
type HelpdeskClient interface {
	// Changes reads the tickets that changed since the cursor of an earlier pass; "" reads a bounded history.
	Changes(ctx context.Context, cursor string) (*helpdesk.Pass, error)
	// Open reads all open tickets. Where that takes longer than changes can wait, it ends with More, and the next call
	// goes on; the pass without More brings all.
	Open(ctx context.Context) (*helpdesk.Pass, error)
	// Lookup reads single tickets. It says of each that the helpdesk does not know any more that it is gone, and
	// nothing of one that it could not read.
	Lookup(ctx context.Context, ids []string) (*helpdesk.Pass, error)
}

// Book keeps the tickets of a helpdesk.
type Book interface {
	// Apply takes a good pass over what changed, whose reading began at the given instant.
	Apply(pass *helpdesk.Pass, at time.Time) error
	// Refresh takes tickets that were looked up, or what was read of a pass that then failed.
	Refresh(pass *helpdesk.Pass, at time.Time) error
	// Reconcile takes all open tickets and names those the book holds that are not among them.
	Reconcile(open *helpdesk.Pass, at time.Time) (missing []string, err error)
	// Drop forgets tickets that the helpdesk does not know any more.
	Drop(ids []string, at time.Time) error
}

// Helpdesk polls one helpdesk into its book.
type Helpdesk struct {
	name, kind string
	client     HelpdeskClient
	book       Book
	store      *state.Store
	every      time.Duration
	now        func() time.Time
	logger     log.Logger

	polling    sync.Mutex // held by Poll
	cursor     string
	loaded     bool
	reconciled time.Time
	reading    time.Time // since when all open tickets are read, in several polls
	gap        bool      // changes were passed over since then
	whole      atomic.Bool

	telling sync.Mutex
	unheard *loose.Unheard
}

// HelpdeskOptions configure a Helpdesk.
type HelpdeskOptions struct {
	Name, Type string
	Client     HelpdeskClient
	Book       Book
	Store      *state.Store
	// ReconcileEvery is how often all open tickets are read: changes alone do not tell of deletions.
	ReconcileEvery time.Duration
	Now            func() time.Time
	Logger         log.Logger
}

// NewHelpdesk returns a source that has not read anything yet.
func NewHelpdesk(o HelpdeskOptions) *Helpdesk {
	return &Helpdesk{
		name: o.Name, kind: o.Type, client: o.Client, book: o.Book, store: o.Store,
		every: o.ReconcileEvery, now: o.Now, logger: log.With(o.Logger, "source", o.Name),
		unheard: loose.NewUnheard(o.Logger, o.Name),
	}
}

// Name is the helpdesk's name in the configuration.
func (h *Helpdesk) Name() string { return h.name }

// Type is the helpdesk's product.
func (h *Helpdesk) Type() string { return h.kind }

// Pace is the client's, where it knows how much of its allowance is used.
func (h *Helpdesk) Pace() (factor float64, atLeast time.Duration) {
	if p, ok := h.client.(Pacer); ok {
		return p.Pace()
	}
	return 1, 0
}

// cursors keeps how far the changes of each helpdesk were read.
var cursors = state.NewTable[string]("helpdesk_cursors")

// Poll reads what changed, and all open tickets, or a part of them, when it is time. The cursor moves only after a whole
// good pass; what was read before a failure is taken all the same, because taking a ticket twice does no harm.
func (h *Helpdesk) Poll(ctx context.Context) error {
	h.polling.Lock()
	defer h.polling.Unlock()
	if err := h.load(); err != nil {
		return err
	}
	if err := h.changes(ctx); err != nil {
		return err
	}
	if h.reconciled.IsZero() || h.now().Sub(h.reconciled) >= h.every {
		return h.reconcile(ctx)
	}
	return nil
}

func (h *Helpdesk) load() error {
	if h.loaded {
		return nil
	}
	err := h.store.View(func(tx *state.Tx) (err error) {
		h.cursor, _, err = cursors.Get(tx, h.name)
		return err
	})
	h.loaded = err == nil
	return err
}

func (h *Helpdesk) changes(ctx context.Context) error {
	began := h.now()
	pass, err := h.client.Changes(ctx, h.cursor)
	if err != nil {
		return errors.Join(fmt.Errorf("reading changed tickets: %w", err), h.salvage(pass, began))
	}
	h.tell(pass)
	if pass.Gap { // only all open tickets tell what the changes do not, read from now on
		h.reconciled, h.gap = time.Time{}, true
	}
	if err := h.book.Apply(pass, began); err != nil {
		return fmt.Errorf("taking changed tickets: %w", err)
	}
	return h.moveCursor(pass.Cursor)
}

// salvage takes the good pages before a bad one: an answer among them stops an alert, and taking it again with
// the next pass does no harm.
func (h *Helpdesk) salvage(pass *helpdesk.Pass, began time.Time) error {
	if pass == nil {
		return nil
	}
	h.tell(pass)
	if err := h.book.Refresh(pass, began); err != nil {
		return fmt.Errorf("taking some changed tickets: %w", err)
	}
	return nil
}

func (h *Helpdesk) moveCursor(cursor string) error {
	if cursor == h.cursor {
		return nil
	}
	err := h.store.Update(func(tx *state.Tx) error { return cursors.Put(tx, h.name, cursor) })
	if err != nil {
		return fmt.Errorf("keeping the cursor: %w", err)
	}
	h.cursor = cursor
	return nil
}

// reconcile reads all open tickets and asks after those that are not among them: they were solved, deleted or
// merged. Only what the helpdesk itself does not know any more is dropped.
func (h *Helpdesk) reconcile(ctx context.Context) error {
	began := h.reading
	if began.IsZero() {
		began, h.gap = h.now(), false
	}
	open, err := h.client.Open(ctx)
	if err != nil {
		return fmt.Errorf("reading all open tickets: %w", err)
	}
	h.tell(open)
	if open.More {
		h.reading = began
		level.Info(h.logger).Log("msg", "reading all open tickets takes several polls", "since", began)
		return nil
	}
	h.reading = time.Time{}
	missing, err := h.book.Reconcile(open, began)
	if err != nil {
		return fmt.Errorf("taking all open tickets: %w", err)
	}
	h.whole.Store(true)
	if err := h.lookup(ctx, missing); err != nil {
		return err
	}
	if !h.gap {
		h.reconciled = h.now()
	}
	return nil
}

// Whole says whether all open tickets were read once: until then nothing of the helpdesk is published.
func (h *Helpdesk) Whole() bool { return h.whole.Load() }

func (h *Helpdesk) lookup(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	began := h.now()
	gone, err := h.ask(ctx, ids, began)
	if err != nil {
		return fmt.Errorf("looking up %d tickets that are not open any more: %w", len(ids), err)
	}
	return h.drop(gone, began)
}

// Refresh reads single tickets at once, for example because a webhook named them, between polls or beside one. It
// moves no cursor: the next poll reads what it would have read anyway. While a poll goes on, a ticket that is gone
// stays until the next reconciling, because what the poll has read already might bring it back.
func (h *Helpdesk) Refresh(ctx context.Context, ids []string) error {
	began := h.now()
	gone, err := h.ask(ctx, ids, began)
	if err != nil {
		return fmt.Errorf("looking up %d tickets: %w", len(ids), err)
	}
	if !h.polling.TryLock() {
		return nil
	}
	defer h.polling.Unlock()
	return h.drop(gone, began)
}

// ask looks tickets up, takes those that the helpdesk knows and names the others.
func (h *Helpdesk) ask(ctx context.Context, ids []string, began time.Time) (gone []string, err error) {
	found, err := h.client.Lookup(ctx, ids)
	if err != nil {
		return nil, err
	}
	h.tell(found)
	known, gone := split(found)
	if err := h.book.Refresh(known, began); err != nil {
		return nil, fmt.Errorf("taking them: %w", err)
	}
	return gone, nil
}

func (h *Helpdesk) drop(ids []string, began time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	level.Info(h.logger).Log("msg", "tickets vanished from the helpdesk", "count", len(ids))
	return h.book.Drop(ids, began)
}

// split takes the tickets that are gone out of a pass.
func split(pass *helpdesk.Pass) (known *helpdesk.Pass, gone []string) {
	rest := *pass
	rest.Tickets = nil
	for _, t := range pass.Tickets {
		if t.Gone {
			gone = append(gone, t.ID)
			continue
		}
		rest.Tickets = append(rest.Tickets, t)
	}
	return &rest, gone
}

// skewed is how far the clocks may differ before it is worth a line in the log: deadlines are off by as much.
const skewed = 5 * time.Second

// tell logs what could not be understood, once a pass; values that no mapping has, once each.
func (h *Helpdesk) tell(p *helpdesk.Pass) {
	if p.Skew > skewed || p.Skew < -skewed {
		level.Warn(h.logger).Log("msg", "the helpdesk's clock and ours differ, deadlines are off by as much: check NTP on both", "ahead", p.Skew)
	}
	if p.BadRows > 0 {
		level.Warn(h.logger).Log("msg", "rows skipped that could not be understood", "count", p.BadRows)
	}
	h.telling.Lock()
	defer h.telling.Unlock()
	for field := range p.Unmapped {
		h.tellUnheard(field, p.Unheard[field])
	}
}

func (h *Helpdesk) tellUnheard(field string, words []string) {
	if len(words) == 0 {
		h.unheard.Note(field, "")
	}
	for _, w := range words {
		h.unheard.Note(field, w)
	}
}
