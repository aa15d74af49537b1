package collector

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

const acceptProtobuf = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"

// serve scrapes g once, uncompressed.
func serve(g prometheus.Gatherer, accept string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	Handler(g, HandlerOptions{}).ServeHTTP(w, r)
	return w.Result()
}

// parse reads an answer to its end and says what is wrong with it.
func parse(r *http.Response) error {
	_, err := decode(r)
	return err
}

// decode reads the names of the series in an answer, by the format that it says it has.
func decode(r *http.Response) ([]string, error) {
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %s", r.Status)
	}
	format := expfmt.ResponseFormat(r.Header)
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/openmetrics-text") {
		return decodeOpenMetrics(r.Body)
	}
	var out []string
	for d := expfmt.NewDecoder(r.Body, format); ; {
		var f dto.MetricFamily
		if err := d.Decode(&f); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return nil, err
		}
		samples, err := expfmt.ExtractSamples(&expfmt.DecodeOptions{Timestamp: model.TimeFromUnix(0)}, &f)
		if err != nil {
			return nil, err
		}
		for _, s := range samples {
			out = append(out, s.Metric.String()+" "+s.Value.String())
		}
	}
}

// decodeOpenMetrics reads OpenMetrics, which the library writes and does not read, as the text format that it is
// but for its end and the names of counters.
func decodeOpenMetrics(r io.Reader) ([]string, error) {
	body, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	text, ok := strings.CutSuffix(string(body), "# EOF\n")
	if !ok {
		return nil, errors.New("no EOF at the end")
	}
	var lines strings.Builder
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); f[0] == "#" && f[1] == "TYPE" && f[3] == "counter" {
			line = "# TYPE " + f[2] + "_total counter\n"
		} else if f[0] == "#" {
			continue
		}
		lines.WriteString(line)
	}
	return decode(&http.Response{
		StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(lines.String())),
		Header: http.Header{"Content-Type": {"text/plain; version=0.0.4"}},
	})
}

func TestEveryFormatTellsTheSame(t *testing.T) {
	g := whole()
	var want []string
	for _, c := range []struct{ accept, contentType string }{
		{acceptText, "text/plain; version=0.0.4; charset=utf-8; escaping=allow-utf-8"},
		{"", "text/plain; version=0.0.4"},
		{acceptPrometheus, "application/openmetrics-text; version=1.0.0"},
		{acceptProtobuf, "application/vnd.google.protobuf"},
	} {
		t.Run(c.contentType, func(t *testing.T) {
			answer := serve(g, c.accept)
			if got := answer.Header.Get("Content-Type"); !strings.HasPrefix(got, c.contentType) {
				t.Errorf("content type %q", got)
			}
			got, err := decode(answer)
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(got)
			if len(slices.Compact(slices.Clone(got))) != len(got) {
				t.Error("a series is told twice")
			}
			if want == nil {
				want = got
			}
			if diff := cmp.Diff(want, got); diff != "" || len(got) < 100 {
				t.Errorf("%d series (-text +this):\n%s", len(got), diff)
			}
		})
	}
}

func TestHandlerSetsADeadlineForItsAnswer(t *testing.T) {
	w := &deadlined{ResponseWriter: httptest.NewRecorder()}
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	Handler(whole(), HandlerOptions{Timeout: time.Second, Now: at(noon)}).ServeHTTP(w, r)
	if want := noon.Add(time.Second); !w.deadline.Equal(want) {
		t.Errorf("deadline %v, want %v", w.deadline, want)
	}
}

type deadlined struct {
	http.ResponseWriter
	deadline time.Time
}

func (d *deadlined) SetWriteDeadline(at time.Time) error {
	d.deadline = at
	return nil
}

// One client asks and never reads. It takes the only place, until the deadline gives it to the next.
func TestHandlerIsNotHeldByAClientThatStopsReading(t *testing.T) {
	c := New(fixedAccounts{loadAccount("acme", 3000)}, nil, at(noon))
	gather(t, c) // so that the answers begin at once
	srv := httptest.NewServer(Handler(c, HandlerOptions{MaxRequests: 1, Timeout: 500 * time.Millisecond}))
	defer srv.Close()
	stalled, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer stalled.Close()
	if _, err := io.WriteString(stalled, "GET / HTTP/1.1\r\nHost: exporter\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(stalled, make([]byte, 64)); err != nil {
		t.Fatal(err)
	}
	refused := false
	for {
		r, err := http.Get(srv.URL + "?name[]=nothing")
		if err != nil {
			continue // cut off too: the machine is slow
		}
		r.Body.Close()
		if r.StatusCode == http.StatusOK {
			break
		}
		refused = true
	}
	if !refused {
		t.Error("the stalled client never took the place, so the test shows nothing")
	}
}

func TestHandlerServesTheRestWhenACollectorFails(t *testing.T) {
	reg := prometheus.NewRegistry()
	broken := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return nil, errors.New("broken") })
	var log errorLog
	h := Handler(Merge(reg, broken, whole()), HandlerOptions{Registry: reg, ErrorLog: &log})
	for range 2 {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "whatsapp_phone_number_info{") {
			t.Errorf("status %d, %d bytes", w.Code, w.Body.Len())
		}
	}
	if want := (errorLog{"error gathering metrics: broken", "error gathering metrics: broken"}); !slices.Equal(log, want) {
		t.Errorf("logged %q, want %q", log, want)
	}
}

type errorLog []string

func (l *errorLog) Println(v ...any) { *l = append(*l, strings.TrimSpace(fmt.Sprintln(v...))) }
