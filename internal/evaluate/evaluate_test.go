package evaluate_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/config"
	"whatsapp_sla_exporter/internal/evaluate"
)

var update = flag.Bool("update", false, "write what the command says into the golden files")

// options are the built-in policies, Spain, and Saturday the 10th of January 2026, noon.
func options(t testing.TB) evaluate.Options {
	t.Helper()
	set, err := config.LoadBuiltinPolicies()
	if err != nil {
		t.Fatal(err)
	}
	return evaluate.Options{
		At:     time.Date(2026, time.January, 10, 12, 0, 0, 0, time.UTC),
		Clocks: set,
		Place:  config.Place{Country: "ES", TimeZone: "Europe/Madrid"},
	}
}

func TestRun(t *testing.T) {
	for _, tt := range []struct{ name, err string }{
		{"tickets", ""},
		{"bad", "28 of 30 lines could not be evaluated"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in, err := os.ReadFile(filepath.Join("testdata", tt.name+".in.ndjson"))
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			err = evaluate.Run(bytes.NewReader(in), &out, options(t))
			if got := text(err); got != tt.err {
				t.Errorf("got error %q, want %q", got, tt.err)
			}
			golden := filepath.Join("testdata", tt.name+".out.ndjson")
			if *update {
				if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(out.String(), "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestLongLinesDoNotStopTheNext(t *testing.T) {
	const ticket = `{"id":"%","policy":"whatsapp-service-window","opened_at":"2026-01-09T09:00:00Z"}`
	long := strings.Replace(ticket, "%", strings.Repeat("x", 900_000), 1)
	tooLong := `{"id":"too long","topic":"` + strings.Repeat("x", 1<<21) + `"}`
	in := strings.Join([]string{long, tooLong, strings.Replace(ticket, "%", "last", 1)}, "\r\n")
	var out bytes.Buffer
	err := evaluate.Run(iotest.HalfReader(strings.NewReader(in)), &out, options(t))
	if got, want := text(err), "1 of 3 lines could not be evaluated"; got != want {
		t.Errorf("got error %q, want %q", got, want)
	}
	lines := strings.Split(out.String(), "\n")
	if len(lines) != 4 || len(lines[0]) < 900_000 {
		t.Fatalf("%d lines, the first of %d bytes", len(lines), len(lines[0]))
	}
	want := []string{
		`{"id":"too long","error":"line 2: longer than 1048576 bytes"}`,
		`{"id":"last","policy":"whatsapp-service-window","severity":"any","covered":true,"targets":[]}`, "",
	}
	if diff := cmp.Diff(want, lines[1:]); diff != "" {
		t.Error(diff)
	}
}

func TestRunAnswersEachLineWhileTheNextIsStillToCome(t *testing.T) {
	in, ask := io.Pipe()
	answers, out := io.Pipe()
	done := make(chan error)
	go func() {
		done <- evaluate.Run(in, out, options(t))
	}()
	d := json.NewDecoder(answers)
	for _, id := range []string{"a", "b"} {
		if _, err := io.WriteString(ask, `{"id":"`+id+`","policy":"whatsapp-service-window","opened_at":"2026-01-09T09:00:00Z"}`+"\n"); err != nil {
			t.Fatal(err)
		}
		var answer struct{ ID string }
		if err := d.Decode(&answer); err != nil || answer.ID != id {
			t.Fatalf("got %q, %v, want %q", answer.ID, err, id)
		}
	}
	if err := ask.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestRunTellsOfReadingAndWritingThatFails(t *testing.T) {
	broken := errors.New("broken pipe")
	in := io.MultiReader(strings.NewReader("{}\n"), iotest.ErrReader(broken))
	if err := evaluate.Run(in, io.Discard, options(t)); !errors.Is(err, broken) || !strings.Contains(err.Error(), "reading line 2") {
		t.Errorf("got %v", err)
	}
	if err := evaluate.Run(strings.NewReader("{}\n"), failing{broken}, options(t)); !errors.Is(err, broken) || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestWritePolicies(t *testing.T) {
	set, err := config.LoadBuiltinPolicies()
	if err != nil {
		t.Fatal(err)
	}
	var one, all bytes.Buffer
	if err := evaluate.WritePolicies(&one, set, "reach-whatsapp-qr"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(one.String(), `source: '"Initial Response: 15 minutes."'`) || strings.Contains(one.String(), "360dialog") {
		t.Errorf("got %s", one.String())
	}
	if err := evaluate.WritePolicies(&all, set, ""); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Count(all.String(), "---\n")+1, len(set.Names()); got != want {
		t.Errorf("%d documents, want %d", got, want)
	}
	if err := evaluate.WritePolicies(io.Discard, set, "nobody"); err == nil || !strings.Contains(err.Error(), `no policy "nobody"`) {
		t.Errorf("got %v", err)
	}
	if err := evaluate.WritePolicies(failing{io.ErrClosedPipe}, set, ""); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
}

func FuzzRun(f *testing.F) {
	for _, name := range []string{"tickets", "bad"} {
		seed, err := os.ReadFile(filepath.Join("testdata", name+".in.ndjson"))
		if err != nil {
			f.Fatal(err)
		}
		for line := range bytes.Lines(seed) {
			f.Add(line)
		}
	}
	o := options(f)
	f.Fuzz(func(t *testing.T, in []byte) {
		var out bytes.Buffer
		err := evaluate.Run(bytes.NewReader(in), &out, o)
		asked, bad := 0, 0
		for line := range bytes.Lines(in) {
			if len(bytes.TrimSpace(line)) > 0 {
				asked++
			}
		}
		for line := range bytes.Lines(out.Bytes()) {
			var answer struct {
				ID      *string
				Covered *bool
				Targets []struct{ Target, State string }
				Error   string
			}
			if err := json.Unmarshal(line, &answer); err != nil || answer.ID == nil {
				t.Fatalf("answered %s: %v", line, err)
			}
			if answer.Error != "" {
				bad++
			} else if answer.Covered == nil || answer.Targets == nil {
				t.Fatalf("answered %s", line)
			}
			asked--
		}
		if asked != 0 || (err != nil) != (bad > 0) {
			t.Fatalf("%d lines more than answers, %d bad, error %v", asked, bad, err)
		}
	})
}
