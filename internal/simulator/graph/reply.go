package graph

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
)

// reply is an answer before it is sent.
type reply struct {
	status      int
	contentType string
	header      http.Header
	body        []byte
}

func (r reply) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), r.header)
	w.Header().Set("Content-Type", r.contentType)
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body) // a client that went away is its own affair
}

const jsonType = "application/json; charset=UTF-8"

func jsonReply(status int, v any) reply {
	b, encoded := v.(json.RawMessage)
	if encoded {
		return reply{status, jsonType, http.Header{}, b}
	}
	b, err := json.Marshal(v)
	if err != nil {
		return reply{http.StatusInternalServerError, "text/plain", http.Header{}, []byte(err.Error())}
	}
	return reply{status, jsonType, http.Header{}, b}
}

// refusal is an error of the API.
type refusal struct {
	status, code, subcode int
	kind, message         string
	transient             bool
}

func (f *refusal) reply() reply {
	kind := f.kind
	if kind == "" {
		kind = "OAuthException"
	}
	e := map[string]any{"message": f.message, "type": kind, "code": f.code, "fbtrace_id": "A1b2C3d4E5f6G7h8"}
	if f.subcode != 0 {
		e["error_subcode"] = f.subcode
	}
	if f.transient {
		e["is_transient"] = true
	}
	return jsonReply(f.status, map[string]any{"error": e})
}

// unknownObject is also what a token without access gets.
func unknownObject(id string) *refusal {
	return &refusal{status: 400, code: 100, subcode: 33, kind: "GraphMethodException", message: fmt.Sprintf(
		"Unsupported get request. Object with ID '%s' does not exist, cannot be loaded due to missing permissions, or does not support this operation", id)}
}

func unknownField(field, node string) *refusal {
	return &refusal{status: 400, code: 100, message: fmt.Sprintf("(#100) Tried accessing nonexisting field (%s) on node type (%s)", field, node)}
}

func badParameter(message string) *refusal {
	return &refusal{status: 400, code: 100, message: "(#100) " + message}
}
