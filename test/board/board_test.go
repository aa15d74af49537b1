package board_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/board"
	"whatsapp_sla_exporter/test/board/chromium"
)

// focus is the text of what has the focus.
const focus = `(document.activeElement.textContent || document.activeElement.tagName).trim()`

// quiet says that nothing was refused, thrown or written to the console, and that only the board was asked for.
func quiet(t *testing.T, p *chromium.Page, address string) {
	t.Helper()
	for _, problem := range p.Problems() {
		t.Error(problem)
	}
	for _, r := range p.Requests() {
		if r != address && r != "data:," {
			t.Errorf("the page asked for %s", r)
		}
	}
}

func TestTheBoardRenewsItselfInPlace(t *testing.T) {
	t.Parallel()
	r := crowded()
	r.desk = desk(due("7", time.Minute), due("8", 10*time.Minute), due("9", time.Hour))
	s := serve(t, r)
	p := browser.Open(t, s.URL+"/board", desktop)
	p.Eval(`document.getElementById("channel-rest-summary").click()`, nil)
	p.Eval(`[...document.links].find(a => a.textContent == "8").focus()`, nil)
	p.Eval(`window.blindness = document.querySelector("#blind p")`, nil)

	r.change(func() { r.desk = desk(due("8", 9*time.Minute), due("9", time.Hour)) })
	p.Eventually(`![...document.links].some(a => a.textContent == "7")`)
	if got := p.Text(focus); got != "8" {
		t.Errorf("the focus went from the ticket to %q", got)
	}
	if p.Text(`document.getElementById("channel-rest").open`) != "true" {
		t.Error("what was unfolded is folded again")
	}
	if p.Text(`blindness.isConnected`) != "true" {
		t.Error("the alert is a new one, so that a screen reader says it again")
	}

	r.change(func() { r.desk, r.sources = desk(due("9", time.Hour)), nil })
	p.Eventually(`![...document.links].some(a => a.textContent == "8")`)
	if got := p.Text(`document.activeElement.id`); got != "next" {
		t.Errorf("the ticket is answered, and the focus is at %q instead of where it was", got)
	}
	if got := p.Text(`document.title`); got != "1h 00m – WhatsApp SLA board" {
		t.Errorf("title %q", got)
	}
	p.Eventually(`!document.getElementById("blind").textContent`)
	quiet(t, p, s.URL+"/board")
}

func TestABoardThatIsNotAnsweredSaysSoAndRecovers(t *testing.T) {
	t.Parallel()
	r := crowded()
	r.sources = nil
	s := serve(t, r)
	p := browser.Open(t, s.URL+"/board", desktop)
	for name, answer := range map[string]http.HandlerFunc{
		"an error":     func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusServiceUnavailable) },
		"a login page": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<h1>Log in</h1>")) },
		"nothing":      func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		r.change(func() {
			s.before = func(w http.ResponseWriter, r *http.Request) bool { answer(w, r); return true }
		})
		p.Eventually(`document.querySelector("[role=alert]").textContent.includes("does not answer")`)
		if !strings.HasPrefix(p.Text(`document.title`), "⚠") || p.Text(`document.querySelectorAll("#next tr").length > 5`) != "true" {
			t.Errorf("%s: the title does not warn, or what was last known is gone", name)
		}
		r.change(func() { s.before = nil })
		p.Eventually(`!document.querySelector("[role=alert]").textContent && !document.title.startsWith("⚠")`)
	}
}

func TestTheBoardRenewsItselfWithoutScripts(t *testing.T) {
	t.Parallel()
	r := crowded()
	s := serve(t, r)
	asked := make(chan struct{}, 1000)
	s.before = func(http.ResponseWriter, *http.Request) bool {
		asked <- struct{}{}
		return false
	}
	o := desktop
	o.NoScript = true
	p := browser.Open(t, s.URL+"/board", o)
	for range 3 {
		select {
		case <-asked:
		case <-time.After(30 * time.Second):
			t.Fatal("the page does not ask again")
		}
	}
	quiet(t, p, s.URL+"/board")
}

// The exporter's own basic auth: who opens the board with the password in the address gets one that renews itself.
func TestTheBoardRenewsItselfBehindAPassword(t *testing.T) {
	t.Parallel()
	r := crowded()
	s := serve(t, r)
	s.before = func(w http.ResponseWriter, r *http.Request) bool {
		if _, password, _ := r.BasicAuth(); password == "secret" {
			return false
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="board"`)
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}
	p := browser.Open(t, strings.Replace(s.URL, "http://", "http://wall:secret@", 1)+"/board", desktop)
	r.change(func() { r.desk = desk(due("9", time.Hour)) })
	p.Eventually(`document.links.length == 1`)
}

func TestTimesAreThoseOfThePlace(t *testing.T) {
	t.Parallel()
	r := crowded()
	r.desk = desk(due("9", time.Hour))
	p := browser.Open(t, serve(t, r).URL+"/board", desktop)
	want := "Mon 11:00 CET, Mon 12:00"
	p.Eventually(`[...document.querySelectorAll("#at time, .due time")].map(t => t.textContent).join(", ") == "` + want + `"`)
}

func TestEverythingIsReachedByKeyboard(t *testing.T) {
	t.Parallel()
	p := browser.Open(t, serve(t, crowded()).URL+"/board", desktop)
	var want []string // what can be acted on, from top to bottom
	p.Eval(`[...document.querySelectorAll("a, summary")].filter(e => e.checkVisibility()).map(e => e.textContent)`, &want)
	if len(want) < 14 {
		t.Fatalf("only %q can be acted on", want)
	}
	var got []string
	for range want {
		p.Press("Tab")
		got = append(got, p.Text(`document.activeElement.textContent`))
		if p.Text(`getComputedStyle(document.activeElement).outlineStyle`) != "solid" {
			t.Errorf("nobody sees that %s has the focus", got[len(got)-1])
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("what Tab reaches (-want +got):\n%s", d)
	}
	p.Press("Enter")
	p.Eventually(`document.getElementById("channel-rest").open`)
}

func TestAScreenReaderHearsWhatIsThere(t *testing.T) {
	t.Parallel()
	r := crowded()
	p := browser.Open(t, serve(t, r).URL+"/board", desktop)
	var headings, alerts []string
	for _, n := range p.Accessible() {
		switch n.Role {
		case "heading":
			headings = append(headings, n.Name)
		case "link":
			if !strings.HasSuffix(n.Name, " of support, first response") {
				t.Errorf("a link is called %q", n.Name)
			}
		case "alert":
			alerts = append(alerts, n.Role)
		}
		if n.Focusable && n.Name == "" && n.Role != "generic" && n.Role != "RootWebArea" {
			t.Errorf("a %s that can be reached has no name", n.Role)
		}
	}
	if d := cmp.Diff([]string{"WhatsApp SLA board", "What breaches next", "WhatsApp channel"}, headings); d != "" {
		t.Errorf("headings (-want +got):\n%s", d)
	}
	if len(alerts) != 1 {
		t.Errorf("%d alerts, want one: a source is not read", len(alerts))
	}
	if twice := p.Text(`[...document.querySelectorAll("[id]")].map(e => e.id).filter((id, i, all) => all.indexOf(id) != i)`); twice != "" {
		t.Errorf("ids that are there twice: %s", twice)
	}
}

func TestAnEmptyBoardSaysThatItIsEmpty(t *testing.T) {
	t.Parallel()
	r := &readings{desk: desk(), sources: []board.Source{{Name: "support"}}}
	p := browser.Open(t, serve(t, r).URL+"/board", desktop)
	text := p.Text(`document.body.innerText`)
	for _, want := range []string{"No deadline is running.", "Blind: support (never read)"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}
