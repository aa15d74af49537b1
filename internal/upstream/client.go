// Package upstream calls the HTTP APIs that the exporter reads. It holds what every such call owes: a context, a
// timeout, a body limit, a rate budget, jittered backoff, Retry-After, and credentials that never leave the
// configured host. What the answers mean is the business of the packages that use it.
package upstream

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/time/rate"
)

// Observer is told of every call, for the exporter's metrics on itself.
type Observer interface {
	// Request is called once per attempt with the HTTP status, or the Reason where there was no answer.
	Request(code string)
	// Quota tells what part of an allowance is used, 0 to 1 and above.
	Quota(quota string, used float64)
	// Version tells which API version was asked for and which one answered.
	Version(requested, served string)
}

// SkewObserver is an Observer that also wants to know how far the upstream's clock is ahead of ours.
type SkewObserver interface {
	Skew(ahead time.Duration)
}

// Options configure a Client. The zero value of each field but BaseURL and HTTP has a default.
type Options struct {
	BaseURL string       // scheme, host and path prefix
	HTTP    *http.Client // carries the credentials; it is copied
	Timeout time.Duration
	// MaxBody is the largest answer read, in bytes. Default 32 MiB.
	MaxBody int64
	// Rate and Burst bound the calls; default 10 a second, and as many at once as are allowed a second, up to 10.
	Rate  rate.Limit
	Burst int
	// Check turns an answer into an error, for APIs whose status does not say what happened. It runs before the
	// HTTP status is looked at; nil leaves everything to the status.
	Check    func(*Response) *Error
	Observer Observer
	Now      func() time.Time
	// FirstBackoff is the wait before the second of three attempts. Default 500 ms.
	FirstBackoff time.Duration
}

// Client calls one upstream.
type Client struct {
	o     Options
	base  *url.URL
	http  *http.Client
	limit *rate.Limiter
}

const attempts = 3

// New returns a client for one upstream. Its requests only ever go to the host of BaseURL: a redirect that
// leaves it is refused, because the credentials would go along.
func New(o Options) (*Client, error) {
	base, err := parseBase(o.BaseURL)
	if err != nil {
		return nil, err
	}
	setDefaults(&o)
	h := *o.HTTP
	h.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		if r.URL.Scheme != base.Scheme || !strings.EqualFold(r.URL.Host, base.Host) {
			return &redirectError{fmt.Sprintf("redirected to another host (%s://%s): not followed, the credentials are for %s://%s",
				r.URL.Scheme, r.URL.Host, base.Scheme, base.Host)}
		}
		if len(via) >= 5 {
			return &redirectError{"redirected more than 5 times"}
		}
		if o.HTTP.CheckRedirect != nil {
			return o.HTTP.CheckRedirect(r, via)
		}
		return nil
	}
	return &Client{o: o, base: base, http: &h, limit: rate.NewLimiter(o.Rate, o.Burst)}, nil
}

// parseBase checks a base URL. Its errors do not repeat it, because it may hold a password.
func parseBase(raw string) (*url.URL, error) {
	base, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, fmt.Errorf("url cannot be read, want http(s)://host: %w", cut(err))
	case base.User != nil:
		return nil, errors.New("url holds a user name or password: put them into http_config")
	case base.Host == "" || base.Scheme != "http" && base.Scheme != "https":
		return nil, fmt.Errorf("url %q: want http(s)://host", base.Scheme+"://"+base.Host+base.Path)
	case base.RawQuery != "" || base.Fragment != "":
		return nil, fmt.Errorf("url %q: want no query and no fragment", base.Scheme+"://"+base.Host+base.Path)
	}
	base.Path = strings.TrimSuffix(base.Path, "/")
	return base, nil
}

func setDefaults(o *Options) {
	if o.HTTP == nil {
		o.HTTP = http.DefaultClient
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	if o.MaxBody == 0 {
		o.MaxBody = 32 << 20
	}
	if o.Rate == 0 {
		o.Rate = 10
	}
	if o.Burst == 0 {
		o.Burst = max(1, int(min(o.Rate, 10)))
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Observer == nil {
		o.Observer = nobody{}
	}
	if o.FirstBackoff == 0 {
		o.FirstBackoff = 500 * time.Millisecond
	}
}

// Request is one call. Path is below the base URL. Secrets belong in the client's http_config, not here.
type Request struct {
	Method string // default GET
	Path   string
	Query  url.Values
	Header http.Header
	Body   []byte // JSON
}

// Response is an answer, read whole.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
	call   string
}

// Do sends a request, and again where the failure may pass. It returns an *Error.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval = c.o.FirstBackoff
	for n := 1; ; n++ {
		resp, err := c.once(ctx, r)
		if err == nil {
			return resp, nil
		}
		if n == attempts || !err.transient() || err.RetryAfter > 0 || !pause(ctx, wait.NextBackOff()) {
			return resp, err
		}
	}
}

// pause waits, unless the context ends before.
func pause(ctx context.Context, d time.Duration) bool {
	if ctx.Err() != nil {
		return false
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// GetJSON calls path and decodes the answer into v.
func (c *Client) GetJSON(ctx context.Context, path string, query url.Values, v any) (*Response, error) {
	resp, err := c.Do(ctx, Request{Path: path, Query: query})
	if err != nil {
		return resp, err
	}
	return resp, resp.JSON(v)
}

func (c *Client) once(ctx context.Context, r Request) (*Response, *Error) {
	call := r.Method + " " + c.base.Path + r.Path
	if err := c.limit.Wait(ctx); err != nil {
		return nil, &Error{Reason: Timeout, Call: call, Err: fmt.Errorf("waiting for the rate budget: %w", err)}
	}
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	req, err := c.request(ctx, r)
	if err != nil {
		return nil, &Error{Reason: Internal, Call: call, Err: cut(err)}
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, c.failed(call, err)
	}
	defer res.Body.Close()
	return c.read(call, res)
}

func (c *Client) request(ctx context.Context, r Request) (*http.Request, error) {
	u := c.base.JoinPath(r.Path)
	u.RawQuery = r.Query.Encode()
	req, err := http.NewRequestWithContext(ctx, r.Method, u.String(), bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	if r.Body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for k, v := range r.Header {
		req.Header[http.CanonicalHeaderKey(k)] = v
	}
	return req, nil
}

// failed is the error of a call without an answer.
func (c *Client) failed(call string, err error) *Error {
	e := &Error{Reason: transportReason(err), Call: call, Err: cut(err)}
	c.o.Observer.Request(string(e.Reason))
	return e
}

func (c *Client) read(call string, res *http.Response) (*Response, *Error) {
	body, err := io.ReadAll(io.LimitReader(res.Body, c.o.MaxBody+1))
	if err != nil {
		return nil, c.failed(call, fmt.Errorf("reading the answer: %w", err))
	}
	c.o.Observer.Request(strconv.Itoa(res.StatusCode))
	out := &Response{Status: res.StatusCode, Header: res.Header, Body: body, call: call}
	if o, ok := c.o.Observer.(SkewObserver); ok && res.Header.Get("Date") != "" {
		o.Skew(out.Skew(c.o.Now()))
	}
	if int64(len(body)) > c.o.MaxBody {
		return out, &Error{Reason: TooLarge, Call: call, Status: res.StatusCode, Err: fmt.Errorf("answer over %d bytes", c.o.MaxBody)}
	}
	found := c.check(out)
	if found == nil {
		return out, nil
	}
	e := *found // which Check may hand out more than once
	e.Call, e.Status = call, res.StatusCode
	if e.RetryAfter == 0 {
		e.RetryAfter = RetryAfter(res.Header, c.o.Now())
	}
	return out, &e
}

func (c *Client) check(r *Response) *Error {
	if c.o.Check != nil {
		if e := c.o.Check(r); e != nil {
			return e
		}
	}
	return Failure(r, "", "")
}

// JSON decodes the answer into v. Its *Error tells an operator what came instead, never the content.
func (r *Response) JSON(v any) error {
	if err := json.Unmarshal(r.Body, v); err != nil {
		return &Error{
			Reason: Decode, Call: r.call, Status: r.Status,
			Err: fmt.Errorf("%s is not the JSON that was expected: %s", r.kind(), misread(err)),
		}
	}
	return nil
}

// misread describes a decoding error without the values that json and decoding methods quote: they may be what a
// customer wrote.
func misread(err error) string {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("syntax error at byte %d", syntax.Offset)
	}
	if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		value, _, _ := strings.Cut(kind.Value, " ")
		return fmt.Sprintf("%s in field %q at byte %d", value, kind.Field, kind.Offset)
	}
	return "a value cannot be read"
}

// kind describes the answer for an error text.
func (r *Response) kind() string {
	t, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if t == "" {
		t = "an answer without Content-Type"
	}
	return fmt.Sprintf("%s of %d bytes", t, len(r.Body))
}

// Skew is how far the upstream's clock is ahead of ours, by its Date header; 0 when it has none.
func (r *Response) Skew(now time.Time) time.Duration {
	at, err := http.ParseTime(r.Header.Get("Date"))
	if err != nil {
		return 0
	}
	return at.Sub(now)
}

// Observer is who is told of the client's calls.
func (c *Client) Observer() Observer { return c.o.Observer }

type nobody struct{}

func (nobody) Request(string)         {}
func (nobody) Quota(string, float64)  {}
func (nobody) Version(string, string) {}
