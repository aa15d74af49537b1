package tickets_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/state"
	"whatsapp_sla_exporter/internal/tickets"
)

// victimPath tells a child process of the test that it is to be killed, and where its state file is.
const victimPath = "TICKETS_TEST_VICTIM"

func TestMain(m *testing.M) {
	if path := os.Getenv(victimPath); path != "" {
		beKilled(path)
		return
	}
	os.Exit(m.Run())
}

// world is every ticket of the crash test after some minutes: one opened a minute, answered after 10 or, each
// third, never.
func world(minutes int) []helpdesk.Ticket {
	var rows []helpdesk.Ticket
	for m := range minutes {
		t := ticket(fmt.Sprint(m), after(m), severity("high"), policy("strict"))
		if answer := m + 10; m%3 > 0 && answer < minutes {
			replied(after(answer))(&t)
		}
		rows = append(rows, t)
	}
	return rows
}

// crashMinutes is how long the tickets of the crash test come in. The last never are due.
const crashMinutes = 200

// beKilled polls a helpdesk from its beginning until somebody kills it.
func beKilled(path string) {
	book, store, err := openBook(path)
	if err != nil {
		panic(err)
	}
	defer store.Close()
	for m := 1; m <= crashMinutes; m++ {
		if err := book.Apply(&helpdesk.Pass{Tickets: world(m)}, after(m)); err != nil {
			panic(err)
		}
		fmt.Println("polled")
	}
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil { // until whoever is to kill it has
		panic(err)
	}
}

func openBook(path string) (*tickets.Book, *state.Store, error) {
	store, err := state.Open(path)
	if err != nil {
		return nil, nil, err
	}
	clock, err := sla.NewClock(&sla.Policy{Name: "strict", Severities: []sla.Severity{
		{Name: "high", Number: 1, Promises: []sla.Promise{{Target: sla.FirstResponse, Within: time.Hour}}},
	}}, sla.Always())
	if err != nil {
		return nil, nil, err
	}
	book, err := tickets.NewBook(tickets.Options{
		Helpdesk: "support", Mapper: mapper{}, Clocks: clocks{"strict": clock}, Store: store, Lag: -1,
	})
	return book, store, err
}

// TestKilledAtAnyPointNoOutcomeIsLostOrCountedTwice kills a process that counts, again and again, and lets the next
// begin with all tickets anew.
func TestKilledAtAnyPointNoOutcomeIsLostOrCountedTwice(t *testing.T) {
	path := t.TempDir() + "/state.db"
	for polls := 1; polls < crashMinutes; polls += 27 {
		kill(t, path, polls)
	}
	book, store, err := openBook(path)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := book.Apply(&helpdesk.Pass{Tickets: world(crashMinutes)}, after(crashMinutes)); err != nil {
		t.Fatal(err)
	}
	if _, err := book.Reconcile(&helpdesk.Pass{Tickets: world(crashMinutes)}, after(crashMinutes)); err != nil {
		t.Fatal(err)
	}
	want := []tickets.OutcomeCount{{
		Group: tickets.Group{Policy: "strict", Severity: "high"}, Target: sla.FirstResponse,
		Met:      126, // minutes 0 to 189, less each third
		Breached: 47,  // each third of minutes 0 to 139
	}}
	if diff := cmp.Diff(want, book.Snapshot().Outcomes); diff != "" {
		t.Error(diff)
	}
}

// kill starts a victim and kills it once it has polled so often, while it polls on.
func kill(t *testing.T, path string, polls int) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	victim := exec.CommandContext(t.Context(), exe)
	victim.Env = append(os.Environ(), victimPath+"="+path)
	victim.Stderr = os.Stderr
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := victim.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for range polls {
		if !lines.Scan() {
			t.Fatal("the victim ended by itself")
		}
	}
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := victim.Wait(); err == nil {
		t.Fatal("the victim was not killed")
	}
}
