package poll

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"whatsapp_sla_exporter/internal/whatsapp"
)

// AccountClient reads one WhatsApp account. Where only a part could be read it returns the account, with the rest
// as it was last known, and an error that says what is missing.
type AccountClient interface {
	Read(ctx context.Context) (*whatsapp.Account, error)
}

// Tracker adds what follows from an account's readings over time, and keeps it over restarts.
type Tracker interface {
	Observe(a *whatsapp.Account, at time.Time) error
}

// Account polls one WhatsApp account and publishes it.
type Account struct {
	name, provider string
	client         AccountClient
	tracker        Tracker
	now            func() time.Time
	latest         atomic.Pointer[whatsapp.Account]
}

// NewAccount returns a source that has not read anything yet.
func NewAccount(name, provider string, c AccountClient, t Tracker, now func() time.Time) *Account {
	return &Account{name: name, provider: provider, client: c, tracker: t, now: now}
}

// Name is the account's name in the configuration.
func (a *Account) Name() string { return a.name }

// Type is the account's provider.
func (a *Account) Type() string { return a.provider }

// Latest is the account as it was last published; nil before the first good read.
func (a *Account) Latest() *whatsapp.Account { return a.latest.Load() }

// Poll reads the account, dates its facts and publishes it. Facts are stored before they are shown: a date that
// was once shown is never forgotten.
func (a *Account) Poll(ctx context.Context) error {
	account, err := a.client.Read(ctx)
	if account == nil {
		return err
	}
	if e := a.tracker.Observe(account, a.now()); e != nil {
		return fmt.Errorf("keeping the account's dates: %w", e)
	}
	a.latest.Store(account)
	return err
}

// Pace is the client's, where it knows how much of its allowance is used.
func (a *Account) Pace() (factor float64, atLeast time.Duration) {
	if p, ok := a.client.(Pacer); ok {
		return p.Pace()
	}
	return 1, 0
}
