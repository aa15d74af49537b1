package declarative

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/itchyny/gojq"

	"whatsapp_sla_exporter/internal/upstream"
)

// answer is what a call brought.
type answer struct {
	header http.Header
	body   any // for gojq; numbers are json.Number
	empty  bool
	print  uint64 // of the bytes
}

// call sends a request of the profile.
func (c *Client) call(ctx context.Context, r *Request, v vars) (*answer, error) {
	out, err := c.build(ctx, r, v)
	if err != nil {
		return nil, c.broken(r, err)
	}
	return c.send(ctx, out)
}

// send adds the session and reads the answer. A session that has ended is begun again, once.
func (c *Client) send(ctx context.Context, out upstream.Request) (*answer, error) {
	token, err := c.token(ctx, "")
	if err != nil {
		return nil, err
	}
	resp, err := c.try(ctx, out, token)
	if token != "" && upstream.ReasonOf(err) == upstream.Auth {
		if token, err = c.token(ctx, token); err != nil {
			return nil, err
		}
		resp, err = c.try(ctx, out, token)
	}
	if err != nil {
		return nil, err
	}
	return decode(resp)
}

func (c *Client) try(ctx context.Context, out upstream.Request, token string) (*upstream.Response, error) {
	out.Header = http.Header{}
	for name, value := range c.p.Headers {
		out.Header.Set(name, value)
	}
	if token != "" {
		out.Header.Set(c.p.Session.Header, token)
	}
	if err := c.pace.wait(ctx, out.Method+" "+out.Path); err != nil {
		return nil, err
	}
	resp, err := c.api.Do(ctx, out)
	if resp != nil {
		c.clock.Learn(resp)
		c.tellQuotas(resp.Header)
	}
	return resp, err
}

// token is the session's; empty without sessions. One that the helpdesk refused is not used again.
func (c *Client) token(ctx context.Context, refused string) (string, error) {
	s := c.p.Session
	if s == nil {
		return "", nil
	}
	c.mu.Lock()
	token := c.session
	c.mu.Unlock()
	if token != "" && token != refused {
		return token, nil
	}
	v := c.vars()
	out, err := c.build(ctx, &s.Request, v)
	if err != nil {
		return "", c.broken(&s.Request, err)
	}
	resp, err := c.try(ctx, out, "")
	if err != nil {
		return "", fmt.Errorf("beginning a session: %w", err)
	}
	a, err := decode(resp)
	if err != nil {
		return "", fmt.Errorf("beginning a session: %w", err)
	}
	got, err := s.Token.run(ctx, pageTime, a.body, v)
	token, ok := got.(string)
	if err != nil || !ok || token == "" {
		return "", c.broken(&s.Request, errors.New("the answer has no session token"))
	}
	c.mu.Lock()
	c.session = token
	c.mu.Unlock()
	return token, nil
}

// build computes a request.
func (c *Client) build(ctx context.Context, r *Request, v vars) (out upstream.Request, err error) {
	out = upstream.Request{Method: or(r.Method, http.MethodGet), Path: r.Path.Value}
	if id, ok := v["$id"].(string); ok {
		out.Path = strings.ReplaceAll(out.Path, "{id}", url.PathEscape(id))
	}
	if r.Query.set() {
		got, err := r.Query.run(ctx, rowTime, nil, v)
		if err != nil {
			return out, fmt.Errorf("query: %w", err)
		}
		if out.Query, err = query(got); err != nil {
			return out, fmt.Errorf("query: %w", err)
		}
	}
	if r.Body.set() {
		got, err := r.Body.run(ctx, rowTime, nil, v)
		if err != nil {
			return out, fmt.Errorf("body: %w", err)
		}
		if out.Body, err = gojq.Marshal(got); err != nil {
			return out, fmt.Errorf("body: %w", err)
		}
	}
	return out, nil
}

// query turns an object into parameters.
func query(v any) (url.Values, error) {
	object, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("want an object of parameters")
	}
	out := url.Values{}
	for name, value := range object {
		list, isList := value.([]any)
		if !isList {
			list = []any{value}
		}
		for _, e := range list {
			if e == nil {
				continue
			}
			text, ok := scalar(e)
			if !ok {
				return nil, fmt.Errorf("parameter %s: want a text, a number, or a list of them", name)
			}
			out.Add(name, text)
		}
	}
	return out, nil
}

// scalar is the text of a text, a number or a boolean.
func scalar(v any) (string, bool) {
	switch x := v.(type) {
	case string:
		return x, true
	case bool:
		return strconv.FormatBool(x), true
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64), true
	case int, json.Number, fmt.Stringer:
		return fmt.Sprint(x), true
	}
	return "", false
}

// decode reads the JSON of an answer.
func decode(resp *upstream.Response) (*answer, error) {
	a := &answer{header: resp.Header, empty: resp.Status == http.StatusNoContent}
	if a.empty {
		return a, nil
	}
	var plain any
	d := json.NewDecoder(bytes.NewReader(resp.Body))
	d.UseNumber()
	if err := d.Decode(&plain); err != nil {
		return nil, resp.JSON(new(any)) // the same mistake, described without its values
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, resp.JSON(new(any))
	}
	h := fnv.New64a()
	_, _ = h.Write(resp.Body) // a hash does not fail
	a.body, a.print = plain, h.Sum64()
	return a, nil
}

// broken is the error of a request that cannot be made, or of an answer that is not the one that was promised.
func (c *Client) broken(r *Request, err error) error {
	if e, ok := errors.AsType[*upstream.Error](err); ok {
		return e
	}
	return &upstream.Error{Reason: upstream.Decode, Call: or(r.Method, http.MethodGet) + " " + r.Path.Value, Err: err}
}

// check makes an error of an answer that is not a success, with what the profile reads of its body.
func (c *Client) check(r *upstream.Response) *upstream.Error {
	e := upstream.Failure(r, "", "")
	if e == nil {
		return nil
	}
	if a, err := decode(r); err == nil {
		e = upstream.Failure(r, c.errorText(&c.p.Errors.Code, a.body), c.errorText(&c.p.Errors.Text, a.body))
		e.Err = &saidError{e.Err}
	}
	if e.Reason == upstream.Throttled && r.Header.Get("Retry-After") == "" {
		e.RetryAfter = c.untilReset(r.Header)
	}
	return e
}

// saidError is what the helpdesk itself says, in JSON. A page of a proxy is none, so that its 404 is not taken for
// the helpdesk's.
type saidError struct{ error }

// missing says whether the helpdesk itself said that there is no such thing.
func missing(err error) bool {
	_, said := errors.AsType[*saidError](err)
	return said && upstream.ReasonOf(err) == upstream.NotFound
}

func (c *Client) errorText(e *Expr, body any) string {
	if !e.set() {
		return ""
	}
	got, err := e.run(context.Background(), rowTime, body, nil)
	text, ok := scalar(got)
	if err != nil || !ok {
		return ""
	}
	return text
}

// untilReset reads when an allowance is full again: Unix seconds, or seconds from now.
func (c *Client) untilReset(h http.Header) time.Duration {
	for _, q := range c.p.Quotas {
		n, err := strconv.ParseFloat(h.Get(q.Reset), 64)
		if q.Reset == "" || err != nil || !(n > 0) {
			continue
		}
		const day = 24 * 60 * 60
		if n > day {
			n -= seconds(c.clock.Now())
		}
		return time.Duration(min(max(n, 1), day) * float64(time.Second))
	}
	return 0
}

func (c *Client) tellQuotas(h http.Header) {
	for _, q := range c.p.Quotas {
		limit, err := strconv.ParseFloat(h.Get(q.Limit), 64)
		left, err2 := strconv.ParseFloat(h.Get(q.Remaining), 64)
		if err == nil && err2 == nil && limit > 0 && left >= 0 {
			c.api.Observer().Quota(q.Name, (limit-left)/limit)
			if q.Name == c.p.Rate.Follow {
				c.pace.follow(limit)
			}
		}
	}
}
