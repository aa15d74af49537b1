package graph

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
)

// FaultKind is a way to fail.
type FaultKind string

// The kinds of faults.
const (
	HTML        FaultKind = "html"         // a page of a proxy in the place of JSON, with status 502
	HTMLOK      FaultKind = "html 200"     // the same with status 200
	Truncated   FaultKind = "truncated"    // JSON that ends in the middle
	Hang        FaultKind = "hang"         // no answer until the client gives up
	RepeatPage  FaultKind = "repeat page"  // the edge's previous answer again
	EmptyPage   FaultKind = "empty page"   // a page without entries that has a next one
	NoData      FaultKind = "no data"      // an object without the data list
	ErrorCode   FaultKind = "error code"   // Code and Subcode, with Status
	HeadersOnly FaultKind = "headers only" // the usual answer, with Header on it
)

// Fault makes requests fail.
type Fault struct {
	Kind FaultKind
	Path string // what the path without the version ends in; empty for all
	// After is how many requests still succeed, Times how many then fail; 0 is for ever.
	After, Times          int
	Status, Code, Subcode int
	Message               string
	Transient             bool
	Header                http.Header // set on the answer

	seen int
}

// Fail adds a fault.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// Heal removes all faults.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// fault is the fault that this request meets, nil for none.
func (s *Server) fault(path string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if !strings.HasSuffix(path, f.Path) {
			continue
		}
		f.seen++
		if f.seen > f.After && (f.Times == 0 || f.seen <= f.After+f.Times) {
			return f
		}
	}
	return nil
}

// before hangs, where the fault is to.
func (f *Fault) before(r *http.Request) bool {
	if f.Kind != Hang {
		return false
	}
	<-r.Context().Done()
	return true
}

const htmlPage = "<!DOCTYPE html><html><head><title>Error</title></head><body>Sorry, something went wrong.</body></html>"

// change turns the usual answer into the fault's.
func (s *Server) change(f *Fault, path string, out reply) reply {
	switch f.Kind {
	case HTML:
		out = reply{http.StatusBadGateway, "text/html; charset=utf-8", out.header, []byte(htmlPage)}
	case HTMLOK:
		out = reply{http.StatusOK, "text/html; charset=utf-8", out.header, []byte(htmlPage)}
	case Truncated:
		out.body = out.body[:len(out.body)/2]
	case RepeatPage:
		s.mu.Lock()
		if last, ok := s.lastPage[path]; ok {
			out = last
		}
		s.mu.Unlock()
	case EmptyPage:
		out.body = emptyPage(out.body)
	case NoData:
		out.body = []byte("{}")
	case ErrorCode:
		header := out.header
		out = (&refusal{status: f.Status, code: f.Code, subcode: f.Subcode, message: f.Message, transient: f.Transient}).reply()
		maps.Copy(out.header, header)
	}
	maps.Copy(out.header, f.Header)
	return out
}

// keep remembers the last answer of a path.
func (s *Server) keep(path string, out reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastPage[path] = out
}

// emptyPage is a page without entries before the one that was asked for, as Graph sends where a filter ran after
// paging: next goes on where the page began.
func emptyPage(body []byte) []byte {
	var p map[string]any
	if json.Unmarshal(body, &p) != nil {
		return body
	}
	p["data"] = []any{}
	paging, _ := p["paging"].(map[string]any)
	cursors, _ := paging["cursors"].(map[string]any)
	if before, ok := cursors["before"].(string); ok {
		cursors["after"] = pastEmpty(before)
		paging["next"] = fakeNext("https://graph.facebook.com/v25.0/empty", pastEmpty(before))
	}
	out, err := json.Marshal(p)
	if err != nil {
		return body
	}
	return out
}
