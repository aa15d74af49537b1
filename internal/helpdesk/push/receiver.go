// Package push takes the webhooks of helpdesks as hints to read a ticket at once, so that an answered ticket stops
// paging within a second. Nothing but the ticket's id is read from a body: what became of the ticket is asked of the
// helpdesk, and polling goes on as if there were no webhooks. One that is lost, repeated or late does no harm.
package push

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

// Result is what became of a request.
type Result string

// The results. All but the first two are refusals.
const (
	Accepted     Result = "accepted"
	NoTicket     Result = "no_ticket"     // signed, but about something else
	Unsigned     Result = "unsigned"      // no signature, or no instant with it
	BadSignature Result = "bad_signature" // not that of the secret
	Stale        Result = "stale"         // signed more than 5 minutes ago, or ahead
	TooLarge     Result = "too_large"
	Unreadable   Result = "body" // cut off on its way
	Malformed    Result = "malformed"
	Busy         Result = "busy"
	NoSecret     Result = "secret" // the secret cannot be read
)

// Results lists all results, so that their counters start at 0.
var Results = []Result{Accepted, NoTicket, Unsigned, BadSignature, Stale, TooLarge, Unreadable, Malformed, Busy, NoSecret}

// statuses are what is answered.
var statuses = map[Result]int{
	Accepted: http.StatusOK, NoTicket: http.StatusOK, Unsigned: http.StatusUnauthorized, BadSignature: http.StatusUnauthorized,
	Stale: http.StatusUnauthorized, TooLarge: http.StatusRequestEntityTooLarge, Unreadable: http.StatusBadRequest,
	Malformed: http.StatusBadRequest, Busy: http.StatusServiceUnavailable, NoSecret: http.StatusInternalServerError,
}

// Options configure a Receiver. Type, Secret, Hint and Now are required.
type Options struct {
	// Type is the product, one of Types.
	Type string
	// Secret is asked for with every request, so that one that was rotated is in force at once.
	Secret func() (string, error)
	// Hint is told of every ticket. It must not block.
	Hint func(id string)
	// Counted is told what became of every request. Nil: nobody is.
	Counted func(Result)
	Now     func() time.Time
	Logger  log.Logger
}

// The bounds of a request, and of how many are read at once.
const (
	maxBody     = 1 << 20
	maxRequests = 32
)

// Receiver is the handler of one helpdesk's webhook.
type Receiver struct {
	o      Options
	scheme scheme
	slots  chan struct{}
}

// NewReceiver returns a receiver. It fails for a type without webhooks.
func NewReceiver(o Options) (*Receiver, error) {
	s, ok := schemes[o.Type]
	if !ok {
		return nil, fmt.Errorf("webhooks of %s are not understood: use one of %s", o.Type, strings.Join(Types(), ", "))
	}
	if o.Counted == nil {
		o.Counted = func(Result) {}
	}
	if o.Logger == nil {
		o.Logger = log.NewNopLogger()
	}
	return &Receiver{o: o, scheme: s, slots: make(chan struct{}, maxRequests)}, nil
}

// ServeHTTP takes a webhook and answers as soon as the ticket's id is noted down.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	result, err := r.receive(w, req)
	r.o.Counted(result)
	status := statuses[result]
	if status == http.StatusOK {
		w.WriteHeader(status)
		return
	}
	logger := level.Debug(r.o.Logger) // anybody can provoke the rest
	if status == http.StatusInternalServerError {
		logger = level.Error(r.o.Logger)
	}
	_ = logger.Log("msg", "webhook refused", "reason", result, "err", err)
	http.Error(w, http.StatusText(status), status)
}

var errEmpty = errors.New("it is empty")

func (r *Receiver) receive(w http.ResponseWriter, req *http.Request) (Result, error) {
	signature, timestamp, ok := r.scheme.signature(req.Header)
	if !ok {
		return Unsigned, nil
	}
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	default:
		return Busy, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxBody))
	if tooLarge, is := errors.AsType[*http.MaxBytesError](err); is {
		return TooLarge, tooLarge
	}
	if err != nil {
		return Unreadable, err
	}
	return r.take(body, signature, timestamp)
}

// take checks a body and passes the ticket on.
func (r *Receiver) take(body []byte, signature, timestamp string) (Result, error) {
	secret, err := r.o.Secret()
	if err == nil && secret == "" {
		err = errEmpty // anybody can sign with no secret
	}
	switch {
	case err != nil:
		return NoSecret, err
	case !r.scheme.signed(secret, timestamp, body, signature):
		return BadSignature, nil
	case !r.scheme.fresh(timestamp, r.o.Now()):
		return Stale, nil
	}
	id, err := r.scheme.ticket(body)
	switch {
	case err != nil:
		return Malformed, err
	case id == "":
		return NoTicket, nil
	}
	r.o.Hint(id)
	return Accepted, nil
}
