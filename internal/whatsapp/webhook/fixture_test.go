package webhook

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	simulator "whatsapp_sla_exporter/internal/simulator/webhook"
	"whatsapp_sla_exporter/internal/state"
	"whatsapp_sla_exporter/internal/whatsapp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	secret = "an app secret"
	token  = "a verify token"
	waba   = "9001"
	phone  = "5001"
)

var noon = time.Date(2026, 9, 21, 12, 0, 0, 0, time.UTC)

// bench is a receiver of the account acme behind a server, with a clock that is set by hand.
type bench struct {
	*Receiver
	t      testing.TB
	path   string
	now    time.Time
	store  *state.Store
	server *httptest.Server
	sender *simulator.Sender
	hints  []string
	flags  []string
	// flagTaken is what Flag answers.
	flagTaken bool
}

func newBench(t testing.TB) *bench {
	b := &bench{t: t, path: filepath.Join(t.TempDir(), "state.db"), now: noon, flagTaken: true}
	b.open(b.path)
	b.poll()
	return b
}

// open starts the receiver on a state file.
func (b *bench) open(path string) {
	b.t.Helper()
	store, err := state.Open(path)
	if err != nil {
		b.t.Fatal(err)
	}
	b.store = store
	b.Receiver, err = New(b.options())
	if err != nil {
		b.t.Fatal(err)
	}
	server := httptest.NewServer(b.Receiver)
	b.server = server
	b.sender = &simulator.Sender{URL: b.server.URL, Secret: secret, Client: b.server.Client()}
	b.t.Cleanup(func() {
		server.Close()
		store.Close()
	})
}

func (b *bench) options() Options {
	return Options{
		AppSecret:   func() (string, error) { return secret, nil },
		VerifyToken: func() (string, error) { return token, nil },
		Store:       b.store,
		Now:         func() time.Time { return b.now },
		Hint: func(h Hint) {
			if h.Templates {
				h.WABAID += " templates"
			}
			b.hints = append(b.hints, h.WABAID)
		},
		Flag: func(n string, on bool, at time.Time) (bool, error) {
			b.flags = append(b.flags, n+" "+map[bool]string{true: "flagged", false: "unflagged"}[on]+" "+at.Format(time.TimeOnly))
			return b.flagTaken, nil
		},
	}
}

// crash goes on with a copy of the state file as it is on disk, without anything having been closed.
func (b *bench) crash() {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), "after-the-crash.db")
	if err := b.store.View(func(tx *state.Tx) error { return tx.CopyFile(path, 0o600) }); err != nil {
		b.t.Fatal(err)
	}
	b.open(path)
}

// poll tells of the account acme: WABA 9001 of portfolio 7.
func (b *bench) poll() *whatsapp.Account {
	b.t.Helper()
	a := &whatsapp.Account{Name: "acme", WABAs: []whatsapp.WABA{{ID: waba, PortfolioID: "7"}}}
	if err := b.Observe(a, b.now); err != nil {
		b.t.Fatal(err)
	}
	return a
}

// send delivers changes in one POST; all of them must be taken.
func (b *bench) send(changes ...simulator.Change) {
	b.t.Helper()
	if err := b.sender.Send(context.Background(), b.now, changes...); err != nil {
		b.t.Fatal(err)
	}
	if n := b.sender.Retry(context.Background(), b.now); n != 0 {
		b.t.Fatalf("%d POSTs were not taken", n)
	}
}

// post delivers a body as it is, signed, and returns the status.
func (b *bench) post(body string) int {
	b.t.Helper()
	return b.request(http.MethodPost, []byte(body), simulator.Sign(secret, []byte(body)))
}

func (b *bench) request(method string, body []byte, signature string) int {
	b.t.Helper()
	req, err := http.NewRequest(method, b.server.URL, bytes.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	if signature != "" {
		req.Header.Set("X-Hub-Signature-256", signature)
	}
	resp, err := b.server.Client().Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// account is what is known of acme's WABA.
func (b *bench) account() whatsapp.AccountNotices {
	b.t.Helper()
	for _, a := range b.Notices(b.now).Accounts {
		if a.Account == "acme" && a.WABAID == waba {
			return a
		}
	}
	return whatsapp.AccountNotices{}
}

// number is what is known of acme's phone number.
func (b *bench) number() whatsapp.NumberNotices {
	for _, n := range b.Notices(b.now).Numbers {
		if n.Account == "acme" && n.PhoneNumberID == phone {
			return n
		}
	}
	return whatsapp.NumberNotices{}
}

// told are the counts that are not 0.
func told(counts map[string]uint64) map[string]uint64 {
	out := map[string]uint64{}
	for k, n := range counts {
		if n > 0 {
			out[k] = n
		}
	}
	return out
}
