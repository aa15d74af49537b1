//go:build rt

package rt

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// server is the RT that run.sh started. Its clock stands where the last request put it.
type server struct {
	url, clock string

	mu    sync.Mutex
	shows string
	desks int
}

var rt = &server{url: os.Getenv("RT_URL"), clock: os.Getenv("RT_CLOCK")}

// token is the API token of a user.
func token(user string) string { return os.Getenv("RT_TOKEN_" + strings.ToUpper(user)) }

// desk is a queue that no other test uses, with a user that may read it.
func (s *server) desk(t testing.TB) (queue, id, user string) {
	t.Helper()
	s.mu.Lock()
	s.desks++
	queue, user = fmt.Sprintf("Desk%d", s.desks), fmt.Sprintf("monitor%d", s.desks)
	s.mu.Unlock()
	if token(user) == "" {
		t.Fatalf("RT has no user %s with a token: it is not the one that run.sh starts, or accounts.pl makes too few desks", user)
	}
	var shown struct{ ID json.Number }
	must(t, s.call(nil, "root", http.MethodGet, "/queue/"+queue, nil, &shown))
	return queue, shown.ID.String(), user
}

// at runs f, a request, with the clock of the whole server put to an instant. Without one it goes with ours.
func (s *server) at(now func() time.Time, f func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	clock := "+0"
	if now != nil {
		clock = now().UTC().Format(time.DateTime)
	}
	if err := s.put(clock); err != nil {
		return err
	}
	return f()
}

// put writes what libfaketime reads at every look at the clock: a whole file or the one before.
func (s *server) put(clock string) error {
	if clock == s.shows {
		return nil
	}
	s.shows = clock
	next := s.clock + ".next"
	if err := os.WriteFile(next, []byte(clock+"\n"), 0o644); err != nil {
		return err
	}
	return os.Rename(next, s.clock)
}

// call does something as a user.
func (s *server) call(now func() time.Time, user, method, path string, body, answer any) error {
	return s.at(now, func() error { return s.send(user, method, path, body, answer) })
}

func (s *server) send(user, method, path string, body, answer any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, s.url+"/REST/2.0"+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "token "+token(user))
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, said)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(said, answer)
}

// ticket is one to open.
type ticket struct {
	Queue, Subject, Content, Requestor string
	Priority                           int
	SLA                                string            `json:",omitempty"`
	CustomFields                       map[string]string `json:",omitempty"`
}

// create opens a ticket as the customer. RT's service levels promise nothing to tickets that others open for one.
func (s *server) create(now func() time.Time, v ticket) (id string, err error) {
	v.Subject, v.Content, v.Requestor = "A customer's words", "Private words", "customer@example.org"
	var made struct{ ID string }
	err = s.call(now, "customer", http.MethodPost, "/ticket", v, &made)
	return made.ID, err
}

// write answers or comments.
func (s *server) write(now func() time.Time, user, id, kind string) error {
	body := map[string]string{"Content": "Private words", "ContentType": "text/plain"}
	return s.call(now, user, http.MethodPost, "/ticket/"+id+"/"+kind, body, nil)
}

// set changes a field of a ticket. RT answers 200 to whatever it refuses: only its words tell.
func (s *server) set(now func() time.Time, user, id, field string, value any) error {
	var said []string
	if err := s.call(now, user, http.MethodPut, "/ticket/"+id, map[string]any{field: value}, &said); err != nil {
		return err
	}
	if len(said) == 0 {
		return nil // it was so already
	}
	text := strings.Join(said, "; ")
	for _, done := range []string{"changed", "deleted", "Merge Successful"} {
		if strings.Contains(text, done) {
			return nil
		}
	}
	return fmt.Errorf("RT did not set %s of ticket %s: %q", field, id, text)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
