package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/simulator/metastatus"
	"whatsapp_sla_exporter/internal/simulator/zendesk"
)

// inhouse is the profile of a ticket system that no client knows.
const inhouse = `
name: inhouse
changes: {path: /changes, page: {kind: page_number, first: 1, size: 100}, rows: '.', watermark: .changed}
open: {path: /tickets, page: {kind: page_number, first: 1, size: 100}, rows: '.'}
lookup: {path: '/tickets/{id}', rows: '[.]'}
map: '{id: .nr, status: .state, status_raw: .state, tags: .labels, created_at: .opened, updated_at: .changed, waiting_since: .opened}'
`

func TestCheckOnlineShowsWhatEachSourceGaveOrWhyNot(t *testing.T) {
	own := serveTickets(t, `[
		{"nr": 1, "state": "open", "labels": ["sev_critical"], "opened": "2026-03-02T09:00:00Z", "changed": "2026-03-02T09:00:00Z"},
		{"nr": 2, "state": "frozen", "labels": [], "opened": "2026-03-02T09:30:00Z", "changed": "2026-03-02T09:30:00Z"},
		{"state": "open", "changed": "2026-03-02T09:40:00Z"}]`)
	desk := httptest.NewServer(zendesk.New(zendesk.Options{Now: time.Now}))
	defer desk.Close()
	page := httptest.NewServer(metastatus.New(time.Now))
	defer page.Close()
	config := write(t, "online.yml", fmt.Sprintf(`
whatsapp: {status_pages: [{name: meta, type: metastatus, url: %q}]}
helpdesks:
  - {name: inhouse, type: declarative, profile_file: %q, url: %q, policy: reach-whatsapp-qr,
     relabel_configs: [{source_labels: [__meta_ticket_tags], regex: '.*,sev_(critical),.*', target_label: severity}]}
  - {name: support, type: zendesk, url: %q}
`, page.URL, write(t, "inhouse.yaml", inhouse), own, desk.URL))
	got := runLine(t, "", "check-config", "--online", "--config.file="+config)
	want := config + `: 0 account(s), 2 helpdesk(s), 7 policies: good
meta (metastatus): 6 service(s)
inhouse (declarative): 2 open ticket(s); 1 of them not covered by a policy (1 no_severity); next due: ticket 1, first_response of reach-whatsapp-qr, 2026-03-02T09:15:00Z
profile inhouse: 3 open tickets on the first page, 1 could not be mapped
  1: open (open), tags sev_critical, created 2026-03-02T09:00:00Z, waiting since 2026-03-02T09:00:00Z
  2: open (frozen), created 2026-03-02T09:30:00Z, waiting since 2026-03-02T09:30:00Z
  row 3: the mapping gives no id
  without priority: 2 of 2
  without url: 2 of 2
  status: 1 values that the mapping does not know
support (zendesk): cannot be read: reading changed tickets: GET /api/v2/incremental/tickets/cursor: auth (HTTP 401): Couldn't authenticate you
`
	if got.status != 1 || !strings.Contains(got.err, "1 of 3 sources cannot be read") {
		t.Errorf("status %d, %s", got.status, got.err)
	}
	if diff := cmp.Diff(want, got.stdout); diff != "" {
		t.Errorf("what it prints (-want +got):\n%s", diff)
	}
}

// serveTickets serves a list of tickets of which none changed lately.
func serveTickets(t *testing.T, list string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/tickets":
			fmt.Fprint(w, list)
		case "/changes":
			fmt.Fprint(w, "[]")
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// What a start would refuse must not be called good, online or not.
func TestCheckConfigRefusesWhatAStartRefuses(t *testing.T) {
	broken := write(t, "broken.yaml", strings.Replace(inhouse, "rows: '.'", "rows: '.foo['", 1))
	for name, tc := range map[string]struct{ config, want string }{
		"a profile that is not there": {
			`helpdesks: [{name: own, type: declarative, profile_file: nowhere.yaml, url: "https://own.example"}]`,
			"helpdesk own: reading the profile (shipped are ",
		},
		"a profile whose jq cannot be read": {
			fmt.Sprintf(`helpdesks: [{name: own, type: declarative, profile_file: %q, url: "https://own.example"}]`, broken),
			"helpdesk own: " + broken + ":3: ",
		},
		"a way to a human that no policy knows": {
			`whatsapp: {accounts: [{name: acme, waba_ids: ["1"], escalation_paths: [phone, telepathy]}]}`,
			`account acme: escalation path "telepathy" is not one of `,
		},
		"an account that nothing tells what to read": {
			`whatsapp: {accounts: [{name: acme}]}`,
			"account acme: graph: no waba_ids, no portfolio_id, and no token to ask for them",
		},
		"a certificate authority that is not there": {
			`helpdesks: [{name: own, type: zendesk, url: "https://own.example", http_config: {tls_config: {ca_file: nowhere.pem}}}]`,
			"nowhere.pem: no such file",
		},
	} {
		t.Run(name, func(t *testing.T) {
			file := write(t, "own.yml", tc.config)
			for _, command := range []string{"check-config", "serve"} {
				got := runLine(t, "", command, "--config.file="+file)
				if got.status != 1 || !strings.Contains(got.err, tc.want) || !strings.Contains(got.err, file) || got.stdout != "" {
					t.Errorf("%s: status %d, out %q, err %q", command, got.status, got.stdout, got.err)
				}
			}
		})
	}
}

func TestCheckConfigLeavesTheStateAlone(t *testing.T) {
	file := write(t, "own.yml", "helpdesks: [{name: support, type: zendesk, url: 'https://acme.example'}]\n")
	if got := runLine(t, "", "check-config", "--config.file="+file); got.status != 0 {
		t.Fatalf("status %d, %s", got.status, got.err)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(file), "data")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the check made a place for state: %v", err)
	}
}
