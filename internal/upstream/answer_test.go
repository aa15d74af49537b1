package upstream_test

import (
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"whatsapp_sla_exporter/internal/upstream"
)

func TestAnAnswerThatIsNoSuccessIsAFailure(t *testing.T) {
	for status, want := range map[int]upstream.Reason{
		http.StatusUnauthorized: upstream.Auth, http.StatusForbidden: upstream.Permission, http.StatusNotFound: upstream.NotFound,
		http.StatusGone: upstream.NotFound, http.StatusTooManyRequests: upstream.Throttled, http.StatusRequestTimeout: upstream.Timeout,
		http.StatusBadGateway: upstream.Server, http.StatusUnprocessableEntity: upstream.BadRequest, http.StatusFound: upstream.BadRequest,
	} {
		e := upstream.Failure(&upstream.Response{Status: status}, "", "")
		if e.Reason != want || e.Err.Error() != http.StatusText(status) {
			t.Errorf("%d is %v, want %s", status, e, want)
		}
	}
	if e := upstream.Failure(&upstream.Response{Status: http.StatusNoContent}, "code", "text"); e != nil {
		t.Errorf("a success is %v", e)
	}
}

func TestFailureTellsOneShortLine(t *testing.T) {
	e := upstream.Failure(&upstream.Response{Status: 400}, "a\ncode", "two\nlines "+strings.Repeat("é", 500)+"\xff")
	if e.Code != "a code" || len(e.Err.Error()) > 200+len("…") || strings.Contains(e.Err.Error(), "\n") || !utf8.ValidString(e.Err.Error()) {
		t.Errorf("%q, %q", e.Code, e.Err)
	}
	if got := upstream.Broken("GET", "/list", "no list").Error(); got != "GET /list: decode: no list" {
		t.Error(got)
	}
}
