package declarative

import (
	"time"

	"github.com/prometheus/common/model"
)

// Profile describes a helpdesk. It belongs to one client.
type Profile struct {
	Name string `yaml:"name"`
	// Title is what people call the product.
	Title string `yaml:"title"`
	// URL is the address of a product that has the same for everybody.
	URL     string            `yaml:"url"`
	Headers map[string]string `yaml:"headers"` // of every request; no secrets
	Session *Session          `yaml:"session"`
	Rate    Rate              `yaml:"rate"`
	Quotas  []Quota           `yaml:"quotas"`
	Errors  Errors            `yaml:"errors"`
	// Zone is that of times without an offset: UTC (the default), an IANA name, or "local" for the time_zone that the
	// configuration gives the helpdesk.
	Zone Text `yaml:"zone"`

	Tables  map[string]*Table `yaml:"tables"`
	Changes Changes           `yaml:"changes"`
	Open    Open              `yaml:"open"`
	Lookup  Lookup            `yaml:"lookup"`
	Joins   map[string]*Join  `yaml:"joins"`
	// Map turns a row into a ticket.
	Map Expr `yaml:"map"`

	file  string
	times *times
}

// Request is a call. Query and Body are jq that gives an object; of a query, nulls are left out and lists repeat
// the parameter. {id} in the path is the id looked up.
type Request struct {
	Method string `yaml:"method"`
	Path   Text   `yaml:"path"`
	Query  Expr   `yaml:"query"`
	Body   Expr   `yaml:"body"`
}

// The kinds of paging.
const (
	pageNone   = "none"
	pageNumber = "page_number"  // $page counts up from first
	pageOffset = "offset"       // $offset is how many rows came before
	pageCursor = "cursor"       // the answer names the next $cursor
	pageURL    = "next_url"     // the answer has the address of the next page, which must be on the same host
	pageLink   = "link_header"  // so has its Link header, as rel="next"
	pageRange  = "range_header" // the answer's Content-Range tells the next $offset and the total
)

var pageKinds = []string{pageNone, pageNumber, pageOffset, pageCursor, pageURL, pageLink, pageRange}

// Page says how a list goes on.
type Page struct {
	Kind  Text `yaml:"kind"`
	Size  int  `yaml:"size"`  // rows asked for
	First int  `yaml:"first"` // number of the first page
	// Next is jq on the answer: the next cursor or address, null at the end.
	Next Expr `yaml:"next"`
	// Done is jq on the answer that is true at the end, for numbers and offsets. Without it a page that is not full
	// is the last.
	Done Expr `yaml:"done"`
	// Max is how many pages one pass reads.
	Max int `yaml:"max"`
}

// List is a request whose answer has rows.
type List struct {
	Request `yaml:",inline"`
	Page    Page `yaml:"page"`
	// Rows is jq on the answer that gives the list of its rows.
	Rows Expr `yaml:"rows"`
}

// The orders of changes.
const (
	oldestFirst = "oldest_first"
	newestFirst = "newest_first"
)

// Changes is the list of what changed.
type Changes struct {
	List `yaml:",inline"`
	// Order is oldest_first for a list that begins at $since, newest_first for one that is read back to there.
	Order Text `yaml:"order"`
	// Watermark is jq on a row: when it changed.
	Watermark Expr `yaml:"watermark"`
	// Overlap is read again with every pass, for rows that the list shows late.
	Overlap model.Duration `yaml:"overlap"`
	// Prompt says that a row is in the list once the overlap has passed, by the clock of the helpdesk's answers. The next
	// pass then begins twice the overlap ago at most; without, where the last change was, however long ago.
	Prompt bool `yaml:"prompt"`
	// Lookback is how much history the first pass reads where the configuration asks for less.
	Lookback model.Duration `yaml:"lookback"`
	// Ticket is jq on a row that carries the row of a ticket, as the other lists have it; null where it has none.
	Ticket Expr `yaml:"ticket"`
	// Refer is jq on a row that names a ticket, or a list of them, for lists whose rows are not tickets: those named are
	// looked up.
	Refer Expr `yaml:"refer"`
	// Budget is how many tickets one pass looks up because a row named them.
	Budget int `yaml:"budget"`
}

// Open is the list of all open tickets.
type Open struct {
	List `yaml:",inline"`
	// Key is jq on a row: where the next page begins. Rows that leave a list walked by key do not make it skip others.
	Key Expr `yaml:"key"`
}

// Lookup is the list of tickets by id.
type Lookup struct {
	List `yaml:",inline"`
	// Batch is how many ids one request has; 1 for a request whose path has {id}.
	Batch int `yaml:"batch"`
}

// Table is a list of meanings that the mapping looks up.
type Table struct {
	Request `yaml:",inline"`
	Every   model.Duration `yaml:"every"`
	// Value is jq on the answer.
	Value Expr `yaml:"value"`
	// Optional tables are null where the credentials do not allow them.
	Optional bool `yaml:"optional"`
}

// Session is a call that gives a token for all others. The credentials of http_config go with it.
type Session struct {
	Request `yaml:",inline"`
	Token   Expr   `yaml:"token"`  // jq on the answer
	Header  string `yaml:"header"` // that carries the token
}

// Rate bounds the calls.
type Rate struct {
	PerSecond float64 `yaml:"per_second"`
	Burst     int     `yaml:"burst"`
	// Follow names the quota whose limit, so many calls a minute, the rate follows once it is told: four fifths of it.
	// The budgets of joins grow along.
	Follow string `yaml:"follow"`
}

// Quota names the headers that tell of an allowance.
type Quota struct {
	Name      string `yaml:"name"`
	Limit     string `yaml:"limit"`
	Remaining string `yaml:"remaining"`
	// Reset is a header with the Unix time at which the allowance is full again, for a 429 without Retry-After.
	Reset string `yaml:"reset"`
}

// Errors reads the body of an error: jq that gives its code and its text.
type Errors struct {
	Code Expr `yaml:"code"`
	Text Expr `yaml:"text"`
}

// expressions lists all expressions of the profile.
func (p *Profile) expressions() []*Expr {
	out := []*Expr{
		&p.Errors.Code, &p.Errors.Text, &p.Changes.Watermark, &p.Changes.Ticket, &p.Changes.Refer, &p.Open.Key, &p.Map,
	}
	for _, l := range []*List{&p.Changes.List, &p.Open.List, &p.Lookup.List} {
		out = append(out, l.expressions()...)
	}
	for _, j := range p.Joins {
		if j == nil {
			continue
		}
		out = append(append(out, j.expressions()...), j.Recent.expressions()...)
		out = append(out, &j.Key, &j.On, &j.When, &j.Value, &j.Version, &j.Tells, &j.Recent.At, &j.Whole)
	}
	for _, t := range p.Tables {
		if t == nil {
			continue
		}
		out = append(out, &t.Query, &t.Body, &t.Value)
	}
	if s := p.Session; s != nil {
		out = append(out, &s.Query, &s.Body, &s.Token)
	}
	return out
}

func (l *List) expressions() []*Expr {
	return []*Expr{&l.Query, &l.Body, &l.Page.Next, &l.Page.Done, &l.Rows}
}

const (
	defaultOverlap = 5 * time.Minute
	defaultPages   = 50
	defaultOpen    = 1000
	defaultBudget  = 50
	defaultEvery   = time.Hour
)

func (p *Profile) setDefaults() {
	p.Changes.Order.Value = or(p.Changes.Order.Value, oldestFirst)
	p.Changes.Overlap = or(p.Changes.Overlap, model.Duration(defaultOverlap))
	p.Changes.Budget = or(p.Changes.Budget, defaultBudget)
	p.Changes.defaults(defaultPages)
	p.Open.defaults(defaultOpen)
	p.Lookup.defaults(defaultPages)
	p.Lookup.Batch = or(p.Lookup.Batch, 1)
	p.Zone.Value = or(p.Zone.Value, "UTC")
	for _, j := range p.Joins {
		if j == nil { // validation tells
			continue
		}
		j.defaults(defaultPages)
		j.Recent.defaults(defaultPages)
		j.Batch = or(j.Batch, 1)
		if j.Version.set() {
			j.Budget = or(j.Budget, defaultBudget)
		}
	}
	for _, t := range p.Tables {
		if t == nil {
			continue
		}
		t.Every = or(t.Every, model.Duration(defaultEvery))
	}
}

func (l *List) defaults(pages int) {
	l.Page.Kind.Value = or(l.Page.Kind.Value, pageNone)
	l.Page.Max = or(l.Page.Max, pages)
}

func or[T comparable](v, d T) T {
	var zero T
	if v == zero {
		return d
	}
	return v
}
