package rt

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"whatsapp_sla_exporter/internal/upstream"
)

// check makes an error of an answer that is not RT's JSON.
func check(r *upstream.Response) *upstream.Error {
	switch {
	case r.Status >= 300 && r.Status < 400:
		return redirected(r)
	case r.Status >= 200 && r.Status < 300:
		if isLoginPage(r) {
			return &upstream.Error{Reason: upstream.Auth, Err: errors.New("RT shows its login page in the place of an answer: it does not take the credentials")}
		}
		return nil
	}
	text := message(r.Body)
	if r.Status == http.StatusUnauthorized && text != "" {
		text = "RT does not take the credentials: want http_config with authorization {type: token} or basic_auth"
	}
	return upstream.Failure(r, "", text)
}

// redirected tells RT's way to the login page from an address that has moved.
func redirected(r *upstream.Response) *upstream.Error {
	to, err := url.Parse(r.Header.Get("Location"))
	if err != nil || to.Path == "" || to.Path == "/" || strings.Contains(to.Path, "/NoAuth/") || strings.Contains(string(r.Body), "Login required") {
		return &upstream.Error{Reason: upstream.Auth, Err: errors.New("RT asks for a login: it does not take the credentials")}
	}
	return &upstream.Error{
		Reason: upstream.BadRequest,
		Err:    fmt.Errorf("redirected to %s: not followed; if RT has moved, set url", to.Path), // another host is refused before
	}
}

func isLoginPage(r *upstream.Response) bool {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return kind == "text/html" && strings.Contains(string(r.Body), "/NoAuth/Login.html")
}

// message is what RT says of an error, without where in its program it says so.
func message(body []byte) string {
	var m struct{ Message string }
	if json.Unmarshal(body, &m) != nil {
		return ""
	}
	return inProgram.ReplaceAllString(m.Message, "")
}

var inProgram = regexp.MustCompile(` at /\S+ line \d+\.?`)

// broken is the error of an answer that is JSON, but not the one that was promised.
func broken(path, text string) error {
	return upstream.Broken(http.MethodGet, apiPath+path, text)
}

// denied is the error of a token that lacks a right: RT then shows empty lists.
func denied(path, text string) error {
	return &upstream.Error{Reason: upstream.Permission, Call: http.MethodGet + " " + apiPath + path, Err: errors.New(text)}
}
