package alerts

import (
	"fmt"
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
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/relabel"
)

func TestEndpoints(t *testing.T) {
	spare := &relabel.Config{
		SourceLabels: model.LabelNames{"zone"}, Separator: ";", Regex: relabel.MustNewRegexp("spare"), Action: relabel.Drop,
	}
	if err := spare.Validate(model.UTF8Validation); err != nil {
		t.Fatal(err)
	}
	a := Access{Scheme: "https", PathPrefix: "/alertmanager/", Relabel: []*relabel.Config{spare}}
	endpoints, err := a.Endpoints([]model.LabelSet{
		{"__address__": "am-1:9093", "zone": "a"},
		{"__address__": "am 2:9093"},
		{"__address__": "[2001:db8::1]:9093", "__scheme__": "http", "__alerts_path__": "/other/api/v2/alerts"},
		{"__address__": "am-3:9093", "zone": "spare"},
		{"__address__": "am.example.com"}, // as Prometheus: the port of the scheme
		{"__address__": "am-4:9093", "__scheme__": "gopher"},
		{"__address__": "am:port"},
		{"__address__": "user:secret@am:9093"},
		{},
	})
	var got []string
	for _, e := range endpoints {
		got = append(got, e.name())
	}
	want := []string{
		"https://am-1:9093/alertmanager/api/v2/alerts", "http://[2001:db8::1]:9093/other/api/v2/alerts",
		"https://am.example.com/alertmanager/api/v2/alerts",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("endpoints (-want +got):\n%s", d)
	}
	wantErr := `alertmanager target "am 2:9093": want host:port and a plain path
alertmanager target "am-4:9093": scheme "gopher": use http or https
alertmanager target "am:port": want host:port and a plain path
alertmanager target "am:9093": want host:port and a plain path
alertmanager target "": want host:port and a plain path`
	if err == nil || err.Error() != wantErr {
		t.Errorf("error (-want +got):\n%s", cmp.Diff(wantErr, fmt.Sprint(err)))
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
	client, err := config.NewClientFromConfig(c, "alertmanager")
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	a := Access{Scheme: "http", Client: client}
	endpoints, err := a.Endpoints([]model.LabelSet{{"__address__": model.LabelValue(strings.TrimPrefix(am.URL, "http://"))}})
	if err != nil {
		t.Fatal(err)
	}
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
