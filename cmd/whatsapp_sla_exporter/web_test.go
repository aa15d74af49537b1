package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func TestEveryLinkOfTheLandingPageLeadsSomewhere(t *testing.T) {
	ok := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }
	mux, err := newMux(handlers{
		metrics: http.HandlerFunc(ok), board: http.HandlerFunc(ok), hook: http.HandlerFunc(ok), push: ok,
		ready: func() bool { return true },
	})
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	links := regexp.MustCompile(`href="(/[^"]*)"`).FindAllStringSubmatch(get("/").Body.String(), -1)
	if len(links) < 4 {
		t.Errorf("only %d links", len(links))
	}
	for _, link := range links {
		if got := get(link[1]).Code; got != http.StatusOK {
			t.Errorf("%s: %d", link[1], got)
		}
	}
}

func TestAServerThatCannotStartSaysWhichFlagIsWrong(t *testing.T) {
	config := write(t, "good.yml", "helpdesks: [{name: support, type: zendesk, url: 'https://127.0.0.1:1'}]\n")
	typo := write(t, "web.yml", "tls_serverconfig: {}\n")
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for name, tc := range map[string]struct{ flag, want string }{
		"a typo in the web configuration":       {"--web.config.file=" + typo, "--web.config.file " + typo + ": yaml: "},
		"a web configuration that is not there": {"--web.config.file=nowhere.yml", "--web.config.file nowhere.yml: open nowhere.yml: "},
		"a port in use":                         {"--web.listen-address=" + taken.Addr().String(), "address already in use; choose another address with --web.listen-address"},
	} {
		t.Run(name, func(t *testing.T) {
			got := runLine(t, "", "serve", "--config.file="+config, tc.flag)
			if got.status != 1 || !strings.Contains(got.err, tc.want) {
				t.Errorf("status %d, %s", got.status, got.err)
			}
		})
	}
}
