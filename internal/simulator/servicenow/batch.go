package servicenow

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"whatsapp_sla_exporter/internal/simulator/desk"
)

// batch is a call with several requests in it.
type batch struct {
	ID       string `json:"batch_request_id"`
	Requests []item `json:"rest_requests"`
}

type item struct {
	ID             string   `json:"id"`
	Method         string   `json:"method"`
	URL            string   `json:"url"`
	Headers        []header `json:"headers"`
	ExcludeHeaders bool     `json:"exclude_response_headers"`
}

type header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// batched answers the requests of a call one after the other, each with its own status and its body in base64. A
// request that cannot be told from another, or is none of GET, spoils the call.
func (s *Server) batched(r *http.Request) desk.Reply {
	var b batch
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&b); err != nil || b.ID == "" || len(b.Requests) == 0 {
		return refuse(http.StatusBadRequest, "Invalid batch request", "batch_request_id and rest_requests are mandatory")
	}
	seen := map[string]bool{}
	var served []any
	for _, i := range b.Requests {
		if i.ID == "" || seen[i.ID] || i.Method != http.MethodGet {
			return refuse(http.StatusBadRequest, "Invalid batch request", "id, method and url of each rest request are mandatory")
		}
		seen[i.ID] = true
		served = append(served, s.serve(r, i))
	}
	return desk.Reply{Body: map[string]any{"batch_request_id": b.ID, "serviced_requests": served, "unserviced_requests": []string{}}}
}

func (s *Server) serve(r *http.Request, i item) any {
	status, body := http.StatusBadRequest, []byte(`{"error":{"message":"Requested URI does not represent any resource","detail":null},"status":"failure"}`)
	at, err := url.Parse(i.URL)
	table, ok := strings.CutPrefix(i.URL, "/api/now/table/")
	if err == nil && ok {
		table, _, _ = strings.Cut(table, "?")
		sub := httptest.NewRequest(http.MethodGet, at.RequestURI(), nil).WithContext(r.Context())
		sub.SetPathValue("table", table)
		w := httptest.NewRecorder()
		desk.Handler(s.rows).ServeHTTP(w, sub)
		status, body = w.Code, w.Body.Bytes()
	}
	out := map[string]any{
		"id": i.ID, "status_code": status, "status_text": http.StatusText(status), "execution_time": 12, "redirect_url": nil,
		"body": base64.StdEncoding.EncodeToString(body),
	}
	if !i.ExcludeHeaders {
		out["headers"] = []header{{"Content-Type", "application/json;charset=UTF-8"}}
	}
	return out
}
