package webhook

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	simulator "whatsapp_sla_exporter/internal/simulator/webhook"
	"whatsapp_sla_exporter/internal/whatsapp/pseudonym"
)

// statusPost is a POST of status updates as Meta sends them, of as many customers, one status a change.
func statusPost(tb testing.TB, post, n int) []byte {
	var changes []simulator.Change
	for i := range n {
		id := fmt.Sprintf("wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI%08d%08d", post, i)
		changes = append(changes, simulator.Status(waba, phone, id, fmt.Sprintf("346%04d%05d", post, i), "delivered", "regular", noon.Add(-time.Duration(i)*time.Second)))
	}
	body, err := simulator.Body(changes...)
	if err != nil {
		tb.Fatal(err)
	}
	return body
}

const perPost = 1000

// posts are different ones: when the first is sent again, so many others have come that it is not known for a retry.
func posts(tb testing.TB, n int) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		out[i] = statusPost(tb, i, perPost)
	}
	return out
}

// measure reports statuses by the second, and by the second of processor time, which other work on the machine does
// not change.
func measure(b *testing.B) (report func()) {
	began := processorTime(b)
	b.ResetTimer()
	return func() {
		b.ReportMetric(float64(b.N)*perPost/b.Elapsed().Seconds(), "statuses/s")
		b.ReportMetric(float64(b.N)*perPost/(processorTime(b)-began).Seconds(), "statuses/cpu-s")
	}
}

func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkFloor is what cannot be saved: the HMAC and one look at the JSON of the same bytes.
func BenchmarkFloor(b *testing.B) {
	bodies := posts(b, 16)
	report := measure(b)
	for i := range b.N {
		body := bodies[i%len(bodies)]
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		mac.Sum(nil)
		if !json.Valid(body) {
			b.Fatal("no JSON")
		}
	}
	report()
}

// BenchmarkReceive is the whole way of a POST of 1,000 status updates: read, signed, decoded, counted and on disk. A
// few are under way at once, as Meta sends them, so that the processor has work while the disk has.
func BenchmarkReceive(b *testing.B) {
	r := newBench(b).Receiver
	bodies := posts(b, 3*maxRecents/perPost/2)
	signatures := make([]string, len(bodies))
	for i := range bodies {
		signatures[i] = simulator.Sign(secret, bodies[i])
	}
	var next atomic.Int64
	b.SetParallelism(4)
	report := measure(b)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := int(next.Add(1)) % len(bodies)
			serve(b, r, bodies[i], signatures[i])
		}
	})
	report()
	if got, want := r.Notices(noon).Events["messages"], uint64(next.Load()*perPost); got != want {
		b.Fatalf("%d changes were taken, of %d", got, want)
	}
}

// BenchmarkDecode is signature and decoding, without the disk.
func BenchmarkDecode(b *testing.B) {
	bodies := posts(b, 16)
	d := newDecoder(pseudonym.Key{})
	signatures := make([]string, len(bodies))
	for i := range bodies {
		signatures[i] = simulator.Sign(secret, bodies[i])[len("sha256="):]
	}
	report := measure(b)
	for i := range b.N {
		if !signedBy(secret, bodies[i%len(bodies)], signatures[i%len(bodies)]) {
			b.Fatal("not signed")
		}
		r, err := d.read(bodies[i%len(bodies)], noon.Unix())
		if err != nil {
			b.Fatal(err)
		}
		d.release(r)
	}
	report()
}

func serve(tb testing.TB, h http.Handler, body []byte, signature string) {
	req := httptest.NewRequest(http.MethodPost, "/webhooks/whatsapp", bytes.NewReader(body))
	req.Header.Set("X-Hub-Signature-256", signature)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	if w.Code != http.StatusOK {
		tb.Fatalf("status %d", w.Code)
	}
}
