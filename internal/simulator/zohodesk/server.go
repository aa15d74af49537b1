// Package zohodesk is an honest fake of Zoho Desk's API for tickets: the list, single tickets and their threads. Like
// Zoho Desk it refuses any parameter that it does not know, answers an empty page with 204, and takes an access token
// under both names that are in use.
package zohodesk

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/simulator/desk"
	"whatsapp_sla_exporter/internal/sla"
)

// Options configure a Server. Token, Org and Now must be set.
type Options struct {
	Token, Org string
	Now        func() time.Time
	Targets    map[string]desk.Targets
	// PageLimit is the most that a page holds: 100, and in some accounts 50.
	PageLimit int
	// PerMinute bounds the calls. Zoho counts credits a day; 0 is no limit.
	PerMinute int
}

// Server is the fake.
type Server struct {
	*desk.Desk
	o      Options
	mux    *http.ServeMux
	window desk.Window
}

// New returns a server without tickets.
func New(o Options) *Server {
	if o.PageLimit == 0 {
		o.PageLimit = 100
	}
	s := &Server{Desk: desk.New(o.Now, o.Targets), o: o, mux: http.NewServeMux()}
	s.window = desk.Window{Limit: o.PerMinute, Every: time.Minute}
	s.mux.Handle("GET /api/v1/tickets", s.authenticated(s.list))
	s.mux.Handle("GET /api/v1/organizationFields", s.authenticated(s.fields))
	s.mux.Handle("GET /api/v1/tickets/{id}", s.authenticated(s.single))
	s.mux.Handle("GET /api/v1/tickets/{id}/threads", s.authenticated(s.threads))
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func refuse(status int, code, message string) desk.Reply {
	return desk.Reply{Status: status, Body: map[string]any{"errorCode": code, "message": message}}
}

func (s *Server) authenticated(h desk.Handler) desk.Handler {
	return func(r *http.Request) desk.Reply {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		switch {
		case scheme != "Zoho-oauthtoken" && scheme != "Bearer" || token != s.o.Token:
			return refuse(http.StatusUnauthorized, "INVALID_OAUTH", "The OAuth Token you provided is invalid.")
		case r.Header.Get("orgId") != s.o.Org:
			return refuse(http.StatusForbidden, "FORBIDDEN", "You are not authorized to access this organization.")
		}
		if _, _, ok := s.window.Take(s.Now()); !ok {
			return refuse(http.StatusTooManyRequests, "THRESHOLD_EXCEEDED", "You have exceeded the number of calls that are allowed.")
		}
		return h(r)
	}
}

func unprocessable(message string) desk.Reply {
	return refuse(http.StatusUnprocessableEntity, "UNPROCESSABLE_ENTITY", message)
}

func extra(name string) desk.Reply {
	return unprocessable("Extra query parameter '" + name + "' is present in the input.")
}

// orders are those of the list, each with a minus for the other direction.
var orders = map[string]func(a, b *desk.Ticket) int{
	"createdTime": func(a, b *desk.Ticket) int { return a.Created.Compare(b.Created) }, "modifiedTime": desk.ByUpdated,
}

func (s *Server) list(r *http.Request) desk.Reply {
	if name := desk.Unknown(r, "from", "limit", "status", "sortBy", "departmentId", "viewId", "include", "assignee", "channel", "priority"); name != "" {
		return extra(name)
	}
	from, ok := desk.Number(r, "from", 0, 0, 1_000_000)
	limit, ok2 := desk.Number(r, "limit", 10, 1, s.o.PageLimit)
	if !ok || !ok2 {
		return unprocessable("The value passed for the field 'limit' exceeds the range of 1-" + strconv.Itoa(s.o.PageLimit) + ".")
	}
	by, descending := strings.CutPrefix(r.URL.Query().Get("sortBy"), "-")
	order := orders[by]
	switch {
	case by == "":
		order = desk.ByID
	case order == nil:
		return unprocessable("The value passed for the field 'sortBy' is invalid.")
	case descending:
		ascending := order
		order = func(a, b *desk.Ticket) int { return ascending(b, a) }
	}
	var statuses []string
	if v := r.URL.Query().Get("status"); v != "" {
		statuses = strings.Split(v, ",")
	}
	found := s.List(func(t *desk.Ticket) bool {
		return !t.Deleted && (statuses == nil || slices.Contains(statuses, t.Word(statusNames)))
	}, order)
	page := found[min(from, len(found)):min(from+limit, len(found))]
	if len(page) == 0 {
		return desk.Reply{Status: http.StatusNoContent}
	}
	rows := []any{}
	for _, t := range page {
		rows = append(rows, s.row(t))
	}
	return desk.Reply{Body: map[string]any{"data": rows}}
}

// fields has the statuses of the organization, each with its type.
func (s *Server) fields(r *http.Request) desk.Reply {
	if name := desk.Unknown(r, "module", "departmentId"); name != "" || r.URL.Query().Get("module") != "tickets" {
		return extra(name)
	}
	values := []any{}
	for name, kind := range map[string]string{"Open": "Open", "On Hold": "On Hold", "Escalated": "Open", "Closed": "Closed"} {
		values = append(values, map[string]any{"value": name, "statusType": kind})
	}
	for _, t := range s.List(func(t *desk.Ticket) bool { return t.Strange != "" }, desk.ByID) {
		values = append(values, map[string]any{"value": t.Strange, "statusType": t.Strange})
	}
	return desk.Reply{Body: map[string]any{"data": []any{
		map[string]any{"apiName": "subject", "type": "Text", "isCustomField": false},
		map[string]any{"apiName": "status", "type": "Picklist", "isCustomField": false, "allowedValues": values},
	}}}
}

// find is the ticket of the path; nil where there is none.
func (s *Server) find(r *http.Request) *desk.Ticket {
	n, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	t := s.Find(n - base)
	if err != nil || t == nil || t.Deleted {
		return nil
	}
	return t
}

func notFound() desk.Reply {
	return refuse(http.StatusNotFound, "URL_NOT_FOUND", "The URL you requested could not be found.")
}

func (s *Server) single(r *http.Request) desk.Reply {
	if name := desk.Unknown(r, "include"); name != "" {
		return extra(name)
	}
	t := s.find(r)
	if t == nil {
		return notFound()
	}
	return desk.Reply{Body: s.row(t)}
}

// threads has the messages with the customer, the newest first. Notes are comments, which are elsewhere.
func (s *Server) threads(r *http.Request) desk.Reply {
	if name := desk.Unknown(r, "from", "limit", "sortBy"); name != "" {
		return extra(name)
	}
	t := s.find(r)
	if t == nil {
		return notFound()
	}
	from, ok := desk.Number(r, "from", 0, 0, 1_000_000)
	limit, ok2 := desk.Number(r, "limit", 10, 1, 200)
	if !ok || !ok2 {
		return unprocessable("The value passed for the field 'limit' exceeds the range of 1-200.")
	}
	var threads []any
	for n, m := range slices.Backward(t.Messages) {
		if m.Private {
			continue
		}
		direction, author := "out", "AGENT"
		if m.Customer {
			direction, author = "in", "END_USER"
		}
		threads = append(threads, map[string]any{
			"id": strconv.FormatInt(base+t.ID*1000+int64(n), 10), "channel": channel(t.Channel), "direction": direction, "createdTime": moment(m.At),
			"author": map[string]any{"id": "31", "type": author, "name": "Somebody"}, "summary": "What somebody wrote", "visibility": "public",
			"isDescriptionThread": n == 0, "status": "SUCCESS",
		})
	}
	page := threads[min(from, len(threads)):min(from+limit, len(threads))]
	if len(page) == 0 {
		return desk.Reply{Status: http.StatusNoContent}
	}
	return desk.Reply{Body: map[string]any{"data": page}}
}

// base is what the ids of an account begin with.
const base = 19_000_000_000

// ID is the id of a ticket in the API.
func ID(id int64) string { return strconv.FormatInt(base+id, 10) }

// ReadID is the other way round.
func ReadID(id string) int64 {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return 0
	}
	return n - base
}

var statusNames = map[sla.Status]string{
	sla.StatusNew: "Open", sla.StatusOpen: "Open", sla.StatusPending: "On Hold", sla.StatusOnHold: "On Hold", sla.StatusSolved: "Closed", sla.StatusClosed: "Closed",
}

var priorities = map[string]string{"low": "Low", "normal": "Medium", "high": "High", "urgent": "Urgent"}

func channel(c string) string {
	if c == "" {
		return "Web"
	}
	return strings.ToUpper(c[:1]) + c[1:]
}

func (s *Server) row(t *desk.Ticket) any {
	if t.Bad {
		return "unavailable"
	}
	statusType := t.Word(statusNames)
	if t.Strange != "" {
		statusType = t.Strange
	}
	row := map[string]any{
		"id": ID(t.ID), "ticketNumber": strconv.FormatInt(t.ID, 10), "subject": "A customer's words", "status": t.Word(statusNames), "statusType": statusType,
		"priority": priorities[t.Priority], "channel": channel(t.Channel), "departmentId": t.Group, "teamId": nil, "contactId": "31", "assigneeId": "11",
		"category": t.Type, "createdTime": moment(t.Created), "modifiedTime": moment(t.Updated), "customerResponseTime": moment(t.LastCustomer()),
		"closedTime": moment(t.Solved), "onholdTime": moment(t.PausedSince()), "dueDate": nil, "responseDueDate": nil,
		"threadCount": strconv.Itoa(public(t)), "lastThread": lastThread(t), "cf": customFields(t), "email": "somebody@customer.example",
		"webUrl": "https://desk.zoho.com/support/acme/ShowHomePage.do#Cases/dv/" + ID(t.ID),
	}
	if c, ok := t.Clock(sla.FirstResponse, s.Now()); ok && c.MetAt.IsZero() {
		row["responseDueDate"] = moment(c.Due)
	}
	if due, ok := t.StaleDue(s.Now()); ok { // on hold, it stays what it was
		row["dueDate"] = moment(due)
	}
	return row
}

// lastThread is what the list tells of the last message: which way it went. There is none while a ticket has only
// what it was opened with.
func lastThread(t *desk.Ticket) any {
	var last any
	for n, m := range t.Messages {
		if n == 0 || m.Private {
			continue
		}
		direction := "out"
		if m.Customer {
			direction = "in"
		}
		last = map[string]any{"channel": strings.ToUpper(t.Channel), "isDraft": false, "isForward": false, "direction": direction}
	}
	return last
}

// public counts the messages that the customer sees.
func public(t *desk.Ticket) (n int) {
	for _, m := range t.Messages {
		if !m.Private {
			n++
		}
	}
	return n
}

func customFields(t *desk.Ticket) map[string]any {
	out := map[string]any{}
	for name, v := range t.Fields {
		out["cf_"+name] = v
	}
	return out
}

// moment is a time as the API has it, null when unset.
func moment(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.UTC().Format("2006-01-02T15:04:05.000Z")
}
