package conformance

import "net/http"

type login struct {
	set  func(*http.Request)
	next http.RoundTripper
}

func (l login) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	l.set(r)
	return l.next.RoundTrip(r)
}

// Header is an HTTP client that sends a header with each request, like http_config's http_headers.
func Header(c *http.Client, name, value string) *http.Client {
	return &http.Client{Transport: login{func(r *http.Request) { r.Header.Set(name, value) }, c.Transport}}
}

// Basic is an HTTP client with basic authentication.
func Basic(c *http.Client, user, password string) *http.Client {
	return &http.Client{Transport: login{func(r *http.Request) { r.SetBasicAuth(user, password) }, c.Transport}}
}
