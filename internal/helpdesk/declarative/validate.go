package declarative

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// validation collects mistakes.
type validation struct{ errs []error }

func (v *validation) add(line int, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if line == 0 {
		v.errs = append(v.errs, errors.New(text))
		return
	}
	v.errs = append(v.errs, &lineError{line, text})
}

var nameRE = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func (v *validation) profile(p *Profile) {
	if !nameRE.MatchString(p.Name) {
		v.add(0, "name %q: want lower case letters, digits and _", p.Name)
	}
	if p.Rate.PerSecond < 0 || p.Rate.Burst < 0 {
		v.add(0, "rate: want numbers above 0")
	}
	if f := p.Rate.Follow; f != "" && (p.Rate.PerSecond == 0 || !slices.ContainsFunc(p.Quotas, func(q Quota) bool { return q.Name == f })) {
		v.add(0, "rate.follow %q: want the name of a quota, and per_second for as long as it is not known", f)
	}
	if p.Zone.Value != "local" {
		if _, err := time.LoadLocation(p.Zone.Value); err != nil {
			v.add(p.Zone.line, "zone %q: want UTC, local, or a name such as Europe/Madrid", p.Zone.Value)
		}
	}
	v.need("map", p.Map, 0)
	v.list("changes", &p.Changes.List)
	v.need("changes.watermark", p.Changes.Watermark, p.Changes.Path.line)
	if o := p.Changes.Order; o.Value != oldestFirst && o.Value != newestFirst {
		v.add(o.line, "changes.order %q: want %s or %s", o.Value, oldestFirst, newestFirst)
	}
	v.list("open", &p.Open.List)
	v.list("lookup", &p.Lookup.List)
	v.batch("lookup", p.Lookup.Path, p.Lookup.Batch)
	for name, j := range p.Joins {
		if v.present("joins."+name, j == nil) {
			v.join("joins."+name, j)
		}
	}
	for name, t := range p.Tables {
		if v.present("tables."+name, t == nil) {
			v.request("tables."+name, &t.Request)
			v.need("tables."+name+".value", t.Value, t.Path.line)
		}
	}
	if s := p.Session; s != nil {
		v.request("session", &s.Request)
		v.need("session.token", s.Token, s.Path.line)
		if s.Header == "" {
			v.add(s.Path.line, "session.header: want the header that carries the token")
		}
	}
	for h := range p.Headers {
		if slices.Contains([]string{"authorization", "cookie", "proxy-authorization"}, strings.ToLower(h)) {
			v.add(0, "headers: %s is a secret: it belongs into http_config", h)
		}
	}
}

func (v *validation) present(name string, missing bool) bool {
	if missing {
		v.add(0, "%s: is empty", name)
	}
	return !missing
}

func (v *validation) need(name string, e Expr, line int) {
	if !e.set() {
		v.add(line, "%s: is missing", name)
	}
}

func (v *validation) join(name string, j *Join) {
	v.list(name, &j.List)
	v.batch(name, j.Path, j.Batch)
	v.need(name+".key", j.Key, j.Path.line)
	if j.Batch > 1 {
		v.need(name+".on", j.On, j.Path.line)
	}
	recent := j.Recent.Path.Value != ""
	if recent {
		v.list(name+".recent", &j.Recent.List)
		v.need(name+".recent.at", j.Recent.At, j.Recent.Path.line)
		v.need(name+".on", j.On, j.Path.line)
	}
	if recent || j.Tells.set() {
		v.need(name+".version", j.Version, j.Path.line)
		v.need(name+".whole", j.Whole, j.Path.line)
	}
}

func (v *validation) batch(name string, path Text, batch int) {
	if batch > 1 && strings.Contains(path.Value, "{id}") {
		v.add(path.line, "%s.batch: a request with {id} in its path reads one at a time", name)
	}
	if batch < 1 {
		v.add(path.line, "%s.batch: want a number above 0", name)
	}
}

func (v *validation) request(name string, r *Request) {
	switch r.Method {
	case "", "GET":
		if r.Body.set() {
			v.add(r.Body.line, "%s: a GET has no body", name)
		}
	case "POST":
	default:
		v.add(r.Path.line, "%s.method %q: want GET or POST, which some APIs use for searching", name, r.Method)
	}
	if !strings.HasPrefix(r.Path.Value, "/") || strings.ContainsAny(r.Path.Value, "?#") {
		v.add(r.Path.line, "%s.path %q: want the path below the helpdesk's address, beginning with / and without a query", name, r.Path.Value)
	}
}

func (v *validation) list(name string, l *List) {
	v.request(name, &l.Request)
	v.need(name+".rows", l.Rows, l.Path.line)
	p := &l.Page
	if !slices.Contains(pageKinds, p.Kind.Value) {
		v.add(p.Kind.line, "%s.page.kind %q: want one of %s", name, p.Kind.Value, strings.Join(pageKinds, ", "))
	}
	if p.Max < 1 {
		v.add(p.Kind.line, "%s.page.max: want a number above 0", name)
	}
	sized := p.Kind.Value == pageNumber || p.Kind.Value == pageOffset || p.Kind.Value == pageRange
	if sized && p.Size < 1 && !p.Done.set() || p.Size < 0 {
		v.add(p.Kind.line, "%s.page.size: want the number of rows that a full page has", name)
	}
	if p.Kind.Value == pageCursor || p.Kind.Value == pageURL {
		v.need(name+".page.next", p.Next, p.Kind.line)
	}
}
