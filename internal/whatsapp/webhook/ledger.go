package webhook

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-kit/log"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/state"
	"whatsapp_sla_exporter/internal/whatsapp"
	"whatsapp_sla_exporter/internal/whatsapp/recipients"
	"whatsapp_sla_exporter/internal/whatsapp/servicewindow"
)

// What survives a restart, one row each.
var (
	accountTable = state.NewTable[*account]("whatsapp_webhook_accounts")  // by WABA
	numberTable  = state.NewTable[*number]("whatsapp_webhook_numbers")    // by phone number id
	memberTable  = state.NewTable[membership]("whatsapp_webhook_members") // by name of the account
	flagTable    = state.NewTable[pendingFlag]("whatsapp_webhook_flags")  // by display phone number
	errNotStored = errors.New("the webhook was not stored")
)

// The bounds of what is remembered against retries: some 20 MB. Failed messages have their own, so that a campaign
// that fails does not push out what was told of the account.
const (
	maxChanges  = 100_000
	maxFailures = 500_000
	// maxRecents is how many messages changes are told from their retries. That one counts as an event again is all
	// that happens to a later retry: what it says is known.
	maxRecents = 1 << 16
)

// ledger keeps what webhooks told. Memory follows the disk: what is not stored is not known.
type ledger struct {
	o     Options
	store *state.Store

	queue  sync.Mutex // guards waiting
	waits  []*waiting
	commit sync.Mutex // held by the one who writes; what only writers change is read under it alone

	mu       sync.RWMutex // guards what readers see
	accounts map[string]*account
	numbers  map[string]*number
	members  map[string]membership
	places   map[string]bool // index of members
	flags    map[string]pendingFlag
	events   map[string]uint64
	again    map[string]uint64
	strange  uint64
	unheard  *loose.Unheard
	notices  *whatsapp.Notices // made at noticedAt; nil: to be made anew
	noticed  time.Time

	users     *recipients.Counter
	windows   *servicewindow.Tracker
	changes   *memory
	failed    *memory
	recent    *recents
	rejection map[Reason]uint64
}

func openLedger(o Options) (*ledger, error) {
	l := &ledger{
		o: o, store: o.Store, accounts: map[string]*account{}, numbers: map[string]*number{}, members: map[string]membership{},
		flags: map[string]pendingFlag{}, events: map[string]uint64{}, again: map[string]uint64{}, rejection: map[Reason]uint64{},
		unheard: loose.NewUnheard(log.With(o.Logger, "component", "webhook"), "webhook"), recent: newRecents(maxRecents),
	}
	if err := o.Store.View(l.load); err != nil {
		return nil, fmt.Errorf("webhook: reading what was told: %w", err)
	}
	l.places = index(l.members)
	var err error
	if l.users, err = recipients.Load(o.Store, o.Now()); err != nil {
		return nil, err
	}
	l.windows, err = servicewindow.Load(o.Store, o.Windows, o.Now())
	return l, err
}

func (l *ledger) load(tx *state.Tx) error {
	return errors.Join(
		accountTable.Each(tx, "", func(waba string, a *account) error { l.accounts[waba] = a; return nil }),
		numberTable.Each(tx, "", func(phone string, n *number) error { l.numbers[phone] = n; return nil }),
		memberTable.Each(tx, "", func(name string, m membership) error { l.members[name] = m; return nil }),
		flagTable.Each(tx, "", func(phone string, f pendingFlag) error { l.flags[phone] = f; return nil }),
		l.loadMemories(tx),
	)
}

func (l *ledger) loadMemories(tx *state.Tx) (err error) {
	if l.changes, err = loadMemory(tx, "whatsapp_webhook_changes", maxChanges); err != nil {
		return err
	}
	l.failed, err = loadMemory(tx, "whatsapp_webhook_failures", maxFailures)
	return err
}

// waiting is a POST whose facts are to be stored.
type waiting struct {
	batch *batch
	done  bool
	err   error
}

// maxGroup bounds how many POSTs are stored in one transaction.
const maxGroup = 256

// take stores what a POST says and returns once it is on disk, or was not written at all. POSTs that arrive while
// another is being written share the next transaction, because each one waits for the disk.
func (l *ledger) take(b *batch) error {
	w := &waiting{batch: b}
	l.queue.Lock()
	l.waits = append(l.waits, w)
	l.queue.Unlock()

	l.commit.Lock()
	defer l.commit.Unlock()
	for !w.done {
		l.queue.Lock()
		n := min(len(l.waits), maxGroup)
		group := l.waits[:n:n]
		l.waits = l.waits[n:]
		l.queue.Unlock()
		err := l.write(group)
		for _, g := range group {
			g.done, g.err = true, err
		}
	}
	return w.err
}

// write stores a group of POSTs in one transaction.
func (l *ledger) write(group []*waiting) error {
	now := l.o.Now()
	d := newDraft(l, now)
	for _, w := range group {
		d.take(w.batch)
	}
	err := d.offerFlags()
	if err == nil {
		err = l.store.Update(d.write)
	}
	if err != nil {
		l.recent.remove(d.recent)
		return fmt.Errorf("%w: %w", errNotStored, err)
	}
	d.publish()
	for waba, templates := range d.hints {
		l.o.Hint(Hint{WABAID: waba, Templates: templates})
	}
	return nil
}

// refresh lets go of what is over.
func (l *ledger) refresh(now time.Time) error {
	l.commit.Lock()
	defer l.commit.Unlock()
	return errors.Join(
		l.users.Refresh(l.store, now), l.windows.Refresh(l.store, now),
		l.changes.forget(l.store, now), l.failed.forget(l.store, now),
	)
}
