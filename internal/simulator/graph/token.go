package graph

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// The scopes that matter here.
const (
	ManagementScope = "whatsapp_business_management"
	BusinessScope   = "business_management" // to read a portfolio and its edges
)

// Token is an access token of a system user.
type Token struct {
	Value  string
	UserID string
	Scopes []string
	// WABAs are the assets assigned to the user. Unscoped leaves them out of the granular scopes.
	WABAs    []string
	Unscoped bool
	Expires  time.Time // zero: never
	Revoked  bool
}

// SetToken adds a token, or changes the one with the same value.
func (s *Server) SetToken(t Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.tokens {
		if s.tokens[i].Value == t.Value {
			s.tokens[i] = t
			return
		}
	}
	s.tokens = append(s.tokens, t)
}

// trouble is the subcode of why a token is refused; 0: it is good.
func (t *Token) trouble(now time.Time) int {
	switch {
	case t.Revoked:
		return 467
	case !t.Expires.IsZero() && !now.Before(t.Expires):
		return 463
	}
	return 0
}

func (s *Server) authenticate(r *http.Request) (*Token, *refusal) {
	value := bearer(r)
	if value == "" {
		return nil, &refusal{status: 400, code: 104, message: "An access token is required to request this resource."}
	}
	t := s.token(value)
	if t == nil {
		// Meta repeats the token that it does not understand.
		return nil, &refusal{status: s.o.AuthStatus, code: 190, message: "Malformed access token " + value}
	}
	if sub := t.trouble(s.o.Now()); sub != 0 {
		return nil, &refusal{status: s.o.AuthStatus, code: 190, subcode: sub, message: "Error validating access token: the session is not valid any more"}
	}
	return t, nil
}

// bearer is the token of a request. Meta also takes it from the query.
func bearer(r *http.Request) string {
	if v, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return v
	}
	return r.URL.Query().Get("access_token")
}

func (s *Server) token(value string) *Token {
	for i := range s.tokens {
		if s.tokens[i].Value == value {
			return &s.tokens[i]
		}
	}
	return nil
}

// may says whether the token has a scope and, for an asset, access to it.
func (t *Token) may(scope, waba string) *refusal {
	if !slices.Contains(t.Scopes, scope) {
		return &refusal{status: 403, code: 200, message: "(#200) Requires " + scope + " permission"}
	}
	if waba != "" && !slices.Contains(t.WABAs, waba) {
		return unknownObject(waba)
	}
	return nil
}

// debugToken inspects a token. The call is authorised by a good token, or by the one that is inspected.
func (s *Server) debugToken(r *http.Request, c call) reply {
	input := c.query.Get("input_token")
	if _, no := s.authenticate(r); no != nil && bearer(r) != input {
		return no.reply()
	}
	if no := c.only("input_token"); no != nil {
		return no.reply()
	}
	if input == "" {
		return badParameter("The parameter input_token is required").reply()
	}
	t := s.token(input)
	if t == nil {
		return jsonReply(http.StatusOK, map[string]any{"data": invalid(map[string]any{}, 0)})
	}
	data := map[string]any{
		"app_id": "4411", "application": "Contact centre", "type": "SYSTEM_USER", "is_valid": true, "user_id": t.UserID,
		"issued_at": s.o.Now().Add(-24 * time.Hour).Unix(), "expires_at": unix(t.Expires), "data_access_expires_at": 0,
		"scopes": t.Scopes, "granular_scopes": t.granular(),
	}
	if sub := t.trouble(s.o.Now()); sub != 0 {
		data = invalid(data, sub)
	}
	return jsonReply(http.StatusOK, map[string]any{"data": data})
}

func invalid(data map[string]any, subcode int) map[string]any {
	data["is_valid"] = false
	data["scopes"] = []string{}
	data["error"] = map[string]any{"code": 190, "subcode": subcode, "message": "Error validating access token"}
	return data
}

func (t *Token) granular() []any {
	out := []any{}
	for _, scope := range t.Scopes {
		entry := map[string]any{"scope": scope}
		if scope == ManagementScope && !t.Unscoped {
			entry["target_ids"] = append([]string{}, t.WABAs...)
		}
		out = append(out, entry)
	}
	return out
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
