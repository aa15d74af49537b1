package alerts

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/config"
)

func TestEndpoints(t *testing.T) {
	endpoints, err := Endpoints([]string{"am-1:9093", "am-2:9093"}, "https", "/alertmanager/", time.Second, config.DefaultHTTPClientConfig)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range endpoints {
		got = append(got, e.name())
	}
	want := []string{"https://am-1:9093/alertmanager/api/v2/alerts", "https://am-2:9093/alertmanager/api/v2/alerts"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("endpoints (-want +got):\n%s", d)
	}
	for _, bad := range []string{"", "am 1:9093", "am:port"} {
		if _, err := Endpoints([]string{bad}, "http", "", 0, config.DefaultHTTPClientConfig); err == nil {
			t.Errorf("target %q is taken", bad)
		}
	}
}

// TestCredentialsStayWithTheAlertmanager checks that they are sent, are in no error, and do not follow a redirect.
func TestCredentialsStayWithTheAlertmanager(t *testing.T) {
	var elsewhere []string
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		elsewhere = append(elsewhere, r.Header.Get("Authorization"))
	}))
	defer other.Close()
	var seen []string
	am := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get("Authorization"))
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	}))
	defer am.Close()

	c := config.DefaultHTTPClientConfig
	c.Authorization = &config.Authorization{Type: "Bearer", Credentials: "s3cret"}
	endpoints, err := Endpoints([]string{strings.TrimPrefix(am.URL, "http://")}, "http", "", 0, c)
	if err != nil {
		t.Fatal(err)
	}
	defer endpoints[0].Client.CloseIdleConnections()
	counts := newMetrics(prometheus.NewRegistry()).of("am")
	s := newSender(&endpoints[0], counts, time.Minute, time.Now, log.NewNopLogger())
	err = s.send(t.Context(), []message{note("1", "")})
	if err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("err = %v, want a failure without the secret", err)
	}
	if !slices.Equal(seen, []string{"Bearer s3cret"}) || elsewhere != nil {
		t.Errorf("Alertmanager saw %q, another host %q", seen, elsewhere)
	}
}
