package shapes

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	simulator "whatsapp_sla_exporter/internal/simulator/graph"
)

func TestRefusalsHaveTheShapeOfMetasFile(t *testing.T) {
	s := load(t, "")
	w := newWire(t, simulator.Options{HourlyCalls: 12})
	for _, tc := range []struct{ name, bearer, target string }{
		{"without a token", "", "/v25.0/9001"},
		{"with a token nobody gave out", "EAAwrong", "/v25.0/9001"},
		{"with an expired token", "EAAexpired", "/v25.0/9001"},
		{"without the scope", "EAAnothing", "/v25.0/9001"},
		{"for an object that is not there", token, "/v25.0/9999"},
		{"for an edge that is not there", token, "/v25.0/9001/phone_numbers/more"},
		{"for a field that is not there", token, "/v25.0/9001?fields=colour"},
		{"for a field of a later version", token, "/v23.0/9001?fields=whatsapp_business_manager_messaging_limit"},
		{"with a limit that is too large", token, "/v25.0/9001/phone_numbers?limit=101"},
		{"with a bad cursor", token, "/v25.0/9001/message_templates?after=x"},
		{"with a parameter that is not simulated", token, "/v25.0/9001/phone_numbers?filtering=x"},
		{"of a version that is not there yet", token, "/v99.0/9001"},
		{"of a token's inspection without the token", token, "/v25.0/debug_token"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			x := w.get(tc.bearer, tc.target)
			if err := s.Refusal(x.status, x.body); err != nil {
				t.Errorf("%v\n%s", err, x.body)
			}
		})
	}
	t.Run("of calls over the allowance", func(t *testing.T) {
		last := w.get(token, "/v25.0/9001")
		for range 12 {
			last = w.get(token, "/v25.0/9001")
		}
		if err := s.Refusal(last.status, last.body); err != nil || !strings.Contains(string(last.body), "80008") {
			t.Errorf("%v\n%s", err, last.body)
		}
	})
	t.Run("that a scenario asked for", func(t *testing.T) {
		w.sim.Fail(simulator.Fault{Kind: simulator.ErrorCode, Status: 500, Code: 2, Message: "(#2) Service temporarily unavailable", Transient: true})
		x := w.get(token, "/v25.0/3001")
		if err := s.Refusal(x.status, x.body); err != nil || !strings.Contains(string(x.body), `"is_transient":true`) {
			t.Errorf("%v\n%s", err, x.body)
		}
	})
}

// unsimulated are parameters of Meta's file by which nobody asks here. The simulator refuses them: to pass over them
// would answer another question.
var unsimulated = []string{
	"client_wabas.business_type", "client_wabas.find", "owned_wabas.business_type", "owned_wabas.find", "owned_wabas.first",
	"owned_wabas.last", "phone_numbers.filtering", "phone_numbers.sort",
}

// objects are where each operation is asked for in the world of this package.
var objects = strings.NewReplacer("{business}", "3001", "{user}", "7788", "{waba}", "9001", "{number}", "5000")

// trials are values of a parameter that a call takes, and values that it refuses.
func (w *wire) trials(path, parameter string) (good, bad []string) {
	switch parameter {
	case "limit":
		return []string{"1", "25", "100"}, []string{"0", "101", "-1", "many", "2.5"}
	case "fields":
		return nil, []string{"colour", "id,(("}
	case "after", "before":
		return []string{w.cursor(path+"?limit=1", parameter)}, []string{"x", "eDox"}
	case "name":
		return []string{"cita", "nothing"}, nil
	case "input_token":
		return []string{token, "EAAwrong"}, nil
	}
	return []string{"x"}, nil
}

// cursor is a cursor of a page; "" when it has none.
func (w *wire) cursor(target, direction string) string {
	w.t.Helper()
	var page struct {
		Paging struct{ Cursors map[string]string }
	}
	if err := json.Unmarshal(w.get(token, target).body, &page); err != nil {
		w.t.Fatal(err)
	}
	return page.Paging.Cursors[direction]
}

// try asks with good and bad values of one parameter, and says whether all of the good ones were taken.
func (w *wire) try(operation, path, parameter string) (taken bool) {
	w.t.Helper()
	good, bad := w.trials(path, parameter)
	for _, v := range bad {
		if v == "101" && operation == "message_templates" {
			continue // Meta names no largest page of templates
		}
		if x := w.get(token, path+"?"+url.Values{parameter: {v}}.Encode()); x.status != http.StatusBadRequest {
			w.t.Errorf("%s with %s=%s: status %d: %s", operation, parameter, v, x.status, x.body)
		}
	}
	return !slices.ContainsFunc(good, func(v string) bool {
		return w.get(token, path+"?"+url.Values{parameter: {v}}.Encode()).status != http.StatusOK
	})
}

func TestParametersAreTakenAsMetasFileNamesThem(t *testing.T) {
	s := load(t, "")
	w := newWire(t, simulator.Options{})
	var refused []string
	for name, op := range s.Operations {
		for parameter := range op.Query {
			if !w.try(name, "/v25.0"+objects.Replace(op.Path), parameter) {
				refused = append(refused, name+"."+parameter)
			}
		}
	}
	slices.Sort(refused)
	if d := cmp.Diff(unsimulated, refused); d != "" {
		t.Error(d)
	}
}

// The trials above are only worth something while Meta's file agrees with them.
func TestPagesHaveTheSizesOfMetasFile(t *testing.T) {
	s := load(t, "")
	for value, good := range map[string]bool{"1": true, "100": true, "0": false, "101": false, "many": false} {
		if err := s.Query("phone_numbers", url.Values{"limit": {value}}); (err == nil) != good {
			t.Errorf("limit=%s: %v", value, err)
		}
	}
}

func TestPagesAreTheSameThereAndBack(t *testing.T) {
	w := newWire(t, simulator.Options{})
	for _, edge := range []string{"phone_numbers", "message_templates"} {
		target := "/v25.0/9001/" + edge + "?fields=id&limit=3"
		forth := w.walk(target, "after")
		last := w.cursor(target+"&after="+w.cursor("/v25.0/9001/"+edge+"?fields=id&limit=9", "after"), "before")
		back := w.walk(target+"&before="+last, "before")
		slices.Reverse(back)
		if len(forth) != 10 || !slices.Equal(forth[:9], back) {
			t.Errorf("%s: there %v, back %v", edge, forth, back)
		}
	}
}

// walk follows a list in one direction and returns its ids, in that direction.
func (w *wire) walk(target, direction string) (ids []string) {
	w.t.Helper()
	link := map[string]string{"after": "next", "before": "previous"}[direction]
	first := target
	for range 10 {
		var page struct {
			Data   []struct{ ID string }
			Paging map[string]any
		}
		if err := json.Unmarshal(w.get(token, target).body, &page); err != nil {
			w.t.Fatal(err)
		}
		if direction == "before" {
			slices.Reverse(page.Data)
		}
		for _, n := range page.Data {
			ids = append(ids, n.ID)
		}
		if page.Paging[link] == nil {
			return ids
		}
		base, _, _ := strings.Cut(first, "&"+direction+"=")
		target = base + "&" + direction + "=" + page.Paging["cursors"].(map[string]any)[direction].(string)
	}
	w.t.Fatalf("%s has no end", first)
	return nil
}
