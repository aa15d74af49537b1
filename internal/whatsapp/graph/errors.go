package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/upstream"
)

// graphError is the error object of an answer. Meta documents code and is_transient as what to decide on; the
// HTTP status of the same code differs between its own pages.
type graphError struct {
	Message   loose.Value[string] `json:"message"`
	Code      loose.Value[*int]   `json:"code"`
	Subcode   loose.Value[int]    `json:"error_subcode"`
	Transient loose.Value[bool]   `json:"is_transient"`
}

// fieldError says that the API does not have a field that was asked for.
type fieldError struct{ field string }

func (e *fieldError) Error() string {
	return fmt.Sprintf("the API has no field %q here in this version", e.field)
}

// throttleScope is who a throttle error stops.
type throttleScope string

const (
	noThrottle   throttleScope = ""
	appThrottle  throttleScope = "app"  // every call of the app, so of this account
	wabaThrottle throttleScope = "waba" // one WABA's calls
)

// smallAnswer bounds the successful answers that are searched for an error object: it is never a large one.
const smallAnswer = 16 << 10

// errorIn reads the error object of an answer; nil when it has none.
func errorIn(status int, body []byte) *graphError {
	if status < 400 && (len(body) > smallAnswer || !bytes.Contains(body, []byte(`"error"`))) {
		return nil
	}
	var answer struct {
		Error *graphError `json:"error"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return nil
	}
	return answer.Error
}

// classify turns an error object into the error of the call; nil leaves it to the HTTP status.
func classify(e *graphError) *upstream.Error {
	if e.Code.V == nil {
		return nil
	}
	code := *e.Code.V
	out := &upstream.Error{Code: strconv.Itoa(code)}
	out.Reason, out.Err = meaning(code, e.Subcode.V)
	switch {
	case out.Reason == "" && e.Transient.V:
		out.Reason, out.Err = upstream.Server, errors.New("Meta says the failure is transient")
	case out.Reason == "":
		return unknownCode(out, e)
	case out.Reason == upstream.BadRequest:
		out.Err = badRequest(e)
	}
	return out
}

// unknownCode is an error with a code that no table has: what it means for trying again is not known.
func unknownCode(out *upstream.Error, e *graphError) *upstream.Error {
	out.Reason, out.Err = upstream.BadRequest, errors.New(quote(e.Message.V))
	return out
}

// meaning classifies a code. Source: Meta's error code page and Graph rate-limit page.
func meaning(code, subcode int) (upstream.Reason, error) {
	switch {
	case code == 190 || code == 0:
		return upstream.Auth, fmt.Errorf("the access token is not valid (%s): put a new system-user token in place", tokenTrouble(subcode))
	case code == 104 || code == 102:
		return upstream.Auth, errors.New("no access token arrived, or the app wants appsecret_proof: check http_config.authorization")
	case code == 3 || code == 10 || code >= 200 && code <= 299:
		return upstream.Permission, errors.New("the token lacks a permission: give it whatsapp_business_management (and business_management to search a portfolio) and assign the WABA to its system user")
	case code == 100 && subcode == 33:
		return upstream.NotFound, errors.New("no such object, or it is not assigned to the token's system user: check the id")
	case code == 33 || code == 803:
		return upstream.NotFound, errors.New("no such object: check the id")
	case code == 368 || code == 131031:
		return upstream.Permission, errors.New("Meta has locked the account for a policy violation: see Business Support Home")
	case scopeOf(code) != noThrottle:
		return upstream.Throttled, errors.New("Meta's call limit is reached")
	case code == 1 || code == 2 || code == 131000 || code == 131016 || code == 133004 || code == 131057 || code == 2494100:
		return upstream.Server, errors.New("Meta says it is temporarily unavailable")
	case code == 100 || code == badCursor:
		return upstream.BadRequest, nil
	}
	return "", nil
}

// badCursor is the code of a cursor that has expired.
const badCursor = 131059

func tokenTrouble(subcode int) string {
	switch subcode {
	case 458:
		return "the app was removed"
	case 459, 464:
		return "the user must log in to Meta"
	case 460:
		return "the password was changed"
	case 463:
		return "it has expired"
	case 467:
		return "it was revoked"
	}
	return "code 190"
}

// scopeOf says whom a throttle code stops. 80000 to 80014 are Graph's business use case limits.
func scopeOf(code int) throttleScope {
	switch {
	case code == 4 || code == 17 || code == 32 || code == 613 || code == 130429:
		return appThrottle
	case code >= 80000 && code <= 80014:
		return wabaThrottle
	}
	return noThrottle
}

var nonexisting = regexp.MustCompile(`nonexisting field \(([a-z0-9_]+)\)`)

func badRequest(e *graphError) error {
	if m := nonexisting.FindStringSubmatch(e.Message.V); m != nil {
		return &fieldError{field: m[1]}
	}
	return errors.New(quote(e.Message.V))
}

// Meta echoes tokens in some messages, so nothing that could be one is repeated.
var (
	secretLike = regexp.MustCompile(`[A-Za-z0-9_\-|%.]{24,}`)
	tokenQuery = regexp.MustCompile(`(?i)(access_token|input_token|appsecret_proof)=[^&\s"]*`)
)

// quote makes an upstream's message fit to be logged.
func quote(message string) string {
	message = tokenQuery.ReplaceAllString(message, "$1=<secret>")
	message = secretLike.ReplaceAllString(message, "<cut>")
	if r := []rune(message); len(r) > 200 {
		message = string(r[:200]) + "..."
	}
	return fmt.Sprintf("Meta says %q", message)
}
