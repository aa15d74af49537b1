package shapes

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	simulator "whatsapp_sla_exporter/internal/simulator/graph"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/whatsapp/graph"
)

const token = "EAAsimulatedTokenOfTheTest"

var noon = time.Date(2026, 9, 21, 12, 0, 0, 0, time.UTC)

// exchange is one call of the simulated API.
type exchange struct {
	operation string
	query     url.Values
	status    int
	body      []byte
}

// edges are the operations by what follows the object's id.
var edges = map[string]string{
	"owned_whatsapp_business_accounts": "owned_wabas", "client_whatsapp_business_accounts": "client_wabas",
	"assigned_whatsapp_business_accounts": "assigned_wabas", "phone_numbers": "phone_numbers",
	"message_templates": "message_templates", "subscribed_apps": "subscribed_apps", "whatsapp_business_profile": "business_profile",
}

// nodes are the operations by the first digit of the object's id in the world below.
var nodes = map[byte]string{'3': "business", '9': "waba", '5': "phone_number", 'd': "debug_token"}

func operation(path string) string {
	parts := strings.Split(path, "/")[2:] // "", version, object, edge
	if len(parts) > 1 {
		return edges[parts[1]]
	}
	return nodes[parts[0][0]]
}

// wire is the simulator behind HTTP, and all that went over it.
type wire struct {
	t         *testing.T
	sim       *simulator.Server
	url       string
	mu        sync.Mutex
	exchanges []exchange
}

func newWire(t *testing.T, o simulator.Options) *wire {
	o.Now = func() time.Time { return noon }
	w := &wire{t: t, sim: simulator.New(o)}
	populate(w.sim)
	server := httptest.NewServer(http.HandlerFunc(w.serve))
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

func (w *wire) serve(out http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	w.sim.ServeHTTP(answer, r)
	w.mu.Lock()
	w.exchanges = append(w.exchanges, exchange{operation(r.URL.Path), r.URL.Query(), answer.Code, answer.Body.Bytes()})
	w.mu.Unlock()
	maps.Copy(out.Header(), answer.Header())
	out.WriteHeader(answer.Code)
	_, _ = out.Write(answer.Body.Bytes())
}

// get makes one call and returns its exchange.
func (w *wire) get(bearer, target string) exchange {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.url+target, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	res.Body.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.exchanges[len(w.exchanges)-1]
}

type bearer struct{}

func (bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("Authorization", "Bearer "+token)
	return http.DefaultTransport.RoundTrip(r)
}

// readAll has the exporter's client read all it can, found by each way that it has.
func (w *wire) readAll() {
	w.t.Helper()
	for _, find := range []graph.Options{
		{PortfolioID: "3001"},
		{Token: func() (string, error) { return token, nil }},
		{Token: func() (string, error) { return "EAAunscoped", nil }},
		{WABAIDs: []string{"9001"}, Version: "v23.0"},
	} {
		find.Account, find.Now = "acme", func() time.Time { return noon }
		find.Upstream = upstream.Options{BaseURL: w.url, HTTP: &http.Client{Transport: bearer{}}, Rate: 1000}
		c, err := graph.New(find)
		if err != nil {
			w.t.Fatal(err)
		}
		if _, err := c.Read(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
	}
}

// askAll makes the calls that the client does not make.
func (w *wire) askAll() {
	w.t.Helper()
	q := func(path string, parameters ...string) {
		v := url.Values{}
		for i := 0; i < len(parameters); i += 2 {
			v.Set(parameters[i], parameters[i+1])
		}
		if x := w.get(token, "/v25.0"+path+"?"+v.Encode()); x.status != http.StatusOK {
			w.t.Errorf("%s %v: status %d: %s", path, v, x.status, x.body)
		}
	}
	const tier = "whatsapp_business_manager_messaging_limit"
	numberFields := "id,display_phone_number,verified_name,status,quality_rating,quality_score,name_status,code_verification_status," +
		"throughput,account_mode,platform_type,is_official_business_account,is_pin_enabled,last_onboarded_time,messaging_limit_tier,health_status," + tier
	q("/3001")
	q("/3001", "fields", "id,name,timezone_id,verification_status,"+tier)
	q("/3001/owned_whatsapp_business_accounts")
	q("/3001/owned_whatsapp_business_accounts", "limit", "1", "fields", "id,name,currency,timezone_id,country,account_review_status,business_verification_status")
	q("/3001/client_whatsapp_business_accounts", "limit", "100")
	q("/7788/assigned_whatsapp_business_accounts", "fields", "id,name,status", "limit", "1")
	q("/9001")
	q("/9001", "fields", "id,name,status,currency,country,ownership_type,is_enabled_for_insights,owner_business_info,timezone_id")
	q("/9001/phone_numbers")
	q("/9001/phone_numbers", "fields", numberFields, "limit", "2")
	q("/9001/phone_numbers", "fields", "id")
	q("/5000", "fields", "id")
	q("/9001/message_templates", "limit", "1")
	w.walk("/v25.0/9001/message_templates?limit=4", "after")
	w.walk("/v25.0/9001/message_templates?limit=4&before="+w.cursor("/v25.0/9001/message_templates?limit=4", "after"), "before")
	q("/9001/message_templates", "fields", "id,name,language,status,category,quality_score,rejected_reason,last_updated_time")
	for _, n := range phoneStatuses {
		q("/"+n.id, "fields", numberFields)
	}
	q("/5000/whatsapp_business_profile")
	q("/5000/whatsapp_business_profile", "fields", "about,address,description,email,profile_picture_url,websites,vertical")
	q("/debug_token", "input_token", token)
	q("/debug_token", "input_token", "EAAexpired")
}

// record drives the simulator through everything and returns what went over the wire.
func record(t *testing.T) []exchange {
	t.Helper()
	w := newWire(t, simulator.Options{})
	w.readAll()
	w.askAll()
	w.sim.Fail(simulator.Fault{Kind: simulator.EmptyPage, Path: "/phone_numbers", Times: 1})
	w.get(token, "/v25.0/9001/phone_numbers")
	return w.exchanges
}

func TestAnswersHaveTheShapesOfMetasFile(t *testing.T) {
	s := load(t, "")
	called := map[string]bool{}
	for _, x := range record(t) {
		called[x.operation] = true
		if err := x.check(s); err != nil {
			t.Errorf("%s?%s: %v\n%.600s", x.operation, x.query.Encode(), err, x.body)
		}
	}
	for name := range s.Operations {
		if !called[name] {
			t.Errorf("nothing calls %s", name)
		}
	}
}

// check holds an exchange against the shapes: its parameters, and its answer.
func (x exchange) check(s *Shapes) error {
	if err := s.Query(x.operation, x.query); err != nil {
		return err
	}
	if x.status != http.StatusOK {
		return s.Refusal(x.status, x.body)
	}
	return s.Answer(x.operation, x.body)
}

// A field that the client asks for and that no answer has would be tested by nothing.
func TestEveryFieldThatTheClientAsksForIsAnsweredOnce(t *testing.T) {
	w := newWire(t, simulator.Options{})
	w.readAll()
	missing := map[string]bool{}
	for _, x := range w.exchanges {
		for _, f := range fieldNames(x.query.Get("fields")) {
			at := x.operation + "." + f
			answered := strings.Contains(string(x.body), `"`+f+`":`)
			if had, seen := missing[at]; !seen || had {
				missing[at] = !answered
			}
		}
	}
	for at, is := range missing {
		if is {
			t.Errorf("%s is asked for and never answered", at)
		}
	}
	if len(missing) < 25 {
		t.Errorf("the client asked for %d fields only: %v", len(missing), missing)
	}
}

// fieldNames are the names in a fields parameter, without what stands in brackets.
func fieldNames(list string) []string {
	var names []string
	depth := 0
	name := func(r rune) bool {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		}
		return r == ',' && depth == 0
	}
	for _, f := range strings.FieldsFunc(list, name) {
		f, _, _ = strings.Cut(f, ".")
		names = append(names, f)
	}
	return names
}

func load(t *testing.T, without string) *Shapes {
	t.Helper()
	s, err := Load(without)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A deviation is stale when everything has its shape without it, too.
func TestNoDeviationIsStale(t *testing.T) {
	names, err := Deviations()
	if err != nil {
		t.Fatal(err)
	}
	exchanges := record(t)
	posts := posts(t)
	for _, name := range names {
		s := load(t, name)
		needed := slices.ContainsFunc(exchanges, func(x exchange) bool { return x.check(s) != nil }) ||
			slices.ContainsFunc(posts, func(body []byte) bool { return s.Check("Webhook", body) != nil })
		if !needed {
			t.Errorf("%s: nothing needs this deviation any more", name)
		}
	}
}
