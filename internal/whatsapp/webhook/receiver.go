// Package webhook takes Meta's webhooks: it checks who sent them, stores what they say about the health of accounts,
// and answers 200 only then. What it says may come twice, late and in any order; the facts come out the same.
//
// Customers are never kept: a recipient becomes a keyed hash while the body is being read.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"whatsapp_sla_exporter/internal/state"
	"whatsapp_sla_exporter/internal/whatsapp"
	"whatsapp_sla_exporter/internal/whatsapp/pseudonym"
	"whatsapp_sla_exporter/internal/whatsapp/servicewindow"
)

// Options configure a Receiver. AppSecret, VerifyToken and Store are required.
type Options struct {
	// AppSecret and VerifyToken are asked for with every request, so that a secret that was rotated is the one in
	// force at once.
	AppSecret, VerifyToken func() (string, error)
	Store                  *state.Store
	// Flag is told that a phone number was flagged or that its flag ended. False: no account has the number; it is
	// offered again after the next poll of each account. Nil: flags wait for ever.
	Flag func(displayPhoneNumber string, flagged bool, at time.Time) (bool, error)
	// Hint is told of an account that may have changed. It must not block. Nil: nobody is.
	Hint    func(Hint)
	Windows servicewindow.Limits
	Logger  log.Logger
	Now     func() time.Time
}

func (o Options) withDefaults() Options {
	if o.Flag == nil {
		o.Flag = func(string, bool, time.Time) (bool, error) { return false, nil }
	}
	if o.Hint == nil {
		o.Hint = func(Hint) {}
	}
	if o.Logger == nil {
		o.Logger = log.NewNopLogger()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// Hint is what of an account is worth being read early.
type Hint struct {
	WABAID    string
	Templates bool // its message templates too, and not only its health
}

// The bounds of a request, and of how many are read at once. Source of the first: Meta's webhooks overview, 3 MB.
const (
	maxBody     = 3 << 20
	maxRequests = 64
)

// Receiver is the handler of the webhook and what is known through it.
type Receiver struct {
	o       Options
	ledger  *ledger
	decoder *decoder
	slots   chan struct{}
	bodies  sync.Pool
}

// New returns a receiver that knows what the store remembers.
func New(o Options) (*Receiver, error) {
	o = o.withDefaults()
	key, err := pseudonym.Load(o.Store)
	if err != nil {
		return nil, err
	}
	l, err := openLedger(o)
	if err != nil {
		return nil, err
	}
	return &Receiver{
		o: o, ledger: l, decoder: newDecoder(key), slots: make(chan struct{}, maxRequests),
		bodies: sync.Pool{New: func() any { return new(bytes.Buffer) }},
	}, nil
}

// refreshEvery is how often what is over is let go of.
const refreshEvery = time.Minute

// Run keeps moving counts moving until ctx ends.
func (r *Receiver) Run(ctx context.Context) error {
	tick := time.NewTicker(refreshEvery)
	defer tick.Stop()
	for {
		if err := r.Refresh(r.o.Now()); err != nil {
			_ = level.Error(r.o.Logger).Log("msg", "what webhooks told long ago cannot be let go of", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Refresh lets go of what is over at now: recipients who have left the window, windows that have closed, retries that
// will not come any more. Run does it once a minute.
func (r *Receiver) Refresh(now time.Time) error { return r.ledger.refresh(now) }

// Observe learns from a poll which WABAs an account has, and sets its Users. It comes after messaging.Tracker.
func (r *Receiver) Observe(a *whatsapp.Account, at time.Time) error { return r.ledger.observe(a, at) }

// Keep forgets which WABAs the accounts had that are not among the names: the configuration has them no more. What
// webhooks told of the WABAs stays.
func (r *Receiver) Keep(accounts []string) error { return r.ledger.keep(accounts) }

// Restricted says whether a WABA may start no conversation at an instant, and until when; zero: open-ended.
func (r *Receiver) Restricted(wabaID string, at time.Time) (until time.Time, restricted bool) {
	return r.ledger.restrictedUntil(wabaID, at)
}

// Notices is what is known at now. The pointer changes when what it points to does.
func (r *Receiver) Notices(now time.Time) *whatsapp.Notices { return r.ledger.snapshot(now) }

// ServeHTTP implements http.Handler.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	switch req.Method {
	case http.MethodGet:
		r.verify(w, req)
	case http.MethodPost:
		r.receive(w, req)
	default:
		w.Header().Set("Allow", "GET, POST")
		r.refuse(w, WrongMethod, nil)
	}
}

// statuses are what is answered. After anything but a 200 Meta tries again.
var statuses = map[Reason]int{
	WrongMethod: http.StatusMethodNotAllowed, BadVerifyToken: http.StatusForbidden, Unsigned: http.StatusUnauthorized,
	BadSignature: http.StatusUnauthorized, TooLarge: http.StatusRequestEntityTooLarge, Unreadable: http.StatusBadRequest,
	Malformed: http.StatusBadRequest, Busy: http.StatusServiceUnavailable, NoSecret: http.StatusInternalServerError,
	StorageFailed: http.StatusInternalServerError,
}

// refuse answers and counts. What is wrong on this side is for the operator, the rest anybody can provoke.
func (r *Receiver) refuse(w http.ResponseWriter, why Reason, err error) {
	status := statuses[why]
	logger := level.Debug(r.o.Logger)
	if status == http.StatusInternalServerError {
		logger = level.Error(r.o.Logger)
	}
	_ = logger.Log("msg", "webhook refused", "reason", why, "err", err)
	r.ledger.refused(why)
	http.Error(w, http.StatusText(status), status)
}

func (l *ledger) refused(why Reason) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rejection[why]++
	l.notices = nil
}

var errEmpty = errors.New("it is empty")

// verify answers the handshake with which Meta learns that the address is ours.
func (r *Receiver) verify(w http.ResponseWriter, req *http.Request) {
	token, err := r.o.VerifyToken()
	if err == nil && token == "" {
		err = errEmpty
	}
	if err != nil {
		r.refuse(w, NoSecret, err)
		return
	}
	q := req.URL.Query()
	// The digests have one length: how long the token is stays a secret too.
	got, want := sha256.Sum256([]byte(q.Get("hub.verify_token"))), sha256.Sum256([]byte(token))
	if subtle.ConstantTimeCompare(got[:], want[:]) != 1 || q.Get("hub.mode") != "subscribe" {
		r.refuse(w, BadVerifyToken, nil)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = io.WriteString(w, q.Get("hub.challenge"))
}

// receive takes an event.
func (r *Receiver) receive(w http.ResponseWriter, req *http.Request) {
	signature, ok := strings.CutPrefix(req.Header.Get("X-Hub-Signature-256"), "sha256=")
	if !ok {
		r.refuse(w, Unsigned, nil)
		return
	}
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	default:
		r.refuse(w, Busy, nil)
		return
	}
	body := r.bodies.Get().(*bytes.Buffer)
	defer r.bodies.Put(body)
	body.Reset()
	if why, err := readBody(body, w, req); err != nil {
		r.refuse(w, why, err)
		return
	}
	if why, err := r.take(body.Bytes(), signature); err != nil {
		r.refuse(w, why, err)
		return
	}
	w.WriteHeader(http.StatusOK)
}

func readBody(into *bytes.Buffer, w http.ResponseWriter, req *http.Request) (Reason, error) {
	_, err := into.ReadFrom(http.MaxBytesReader(w, req.Body, maxBody))
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return TooLarge, tooLarge
	}
	return Unreadable, err
}

var errSignature = errors.New("the signature is not that of the app secret")

// take checks, decodes and stores one body.
func (r *Receiver) take(body []byte, signature string) (Reason, error) {
	secret, err := r.o.AppSecret()
	if err == nil && secret == "" {
		err = errEmpty // anybody can sign with no secret
	}
	if err != nil {
		return NoSecret, err
	}
	if !signedBy(secret, body, signature) {
		return BadSignature, errSignature
	}
	reading, err := r.decoder.read(body, r.o.Now().Unix())
	if err != nil {
		return Malformed, err
	}
	defer r.decoder.release(reading)
	return StorageFailed, r.ledger.take(&reading.batch)
}

// signedBy checks the HMAC over the bytes as they came, before anything looks at them.
func signedBy(secret string, body []byte, signature string) bool {
	want, err := hex.DecodeString(signature)
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hmac.Equal(mac.Sum(nil), want)
}
