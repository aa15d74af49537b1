package helpdesk

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/model/relabel"
	"go.yaml.in/yaml/v3"
)

// rules reads relabel_configs as the configuration file has them.
func rules(t testing.TB, text string) []*relabel.Config {
	t.Helper()
	var out []*relabel.Config
	if err := yaml.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func ticket() *Ticket {
	return &Ticket{
		ID: "101", URL: "https://acme.example/agent/tickets/101", Channel: "whatsapp", Status: "on_hold", StatusRaw: "Vendor's turn",
		Priority: "high", Type: "incident", Group: "21", Brand: "51", Form: "61", Tags: []string{"provider_meta", "sev_high"},
		Fields: map[string]string{"7001": "meta", "cf.root-cause": "template"},
	}
}

func TestMetaLabelsNameEverythingButPeople(t *testing.T) {
	want := map[string]string{
		"__meta_ticket_status":              "on_hold",
		"__meta_ticket_status_raw":          "Vendor's turn",
		"__meta_ticket_priority":            "high",
		"__meta_ticket_type":                "incident",
		"__meta_ticket_channel":             "whatsapp",
		"__meta_ticket_group":               "21",
		"__meta_ticket_brand":               "51",
		"__meta_ticket_form":                "61",
		"__meta_ticket_tags":                ",provider_meta,sev_high,",
		"__meta_ticket_field_7001":          "meta",
		"__meta_ticket_field_cf_root_cause": "template",
	}
	if d := cmp.Diff(want, MetaLabels(ticket())); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[string]string{}, MetaLabels(&Ticket{})); d != "" {
		t.Errorf("an empty ticket has labels: %s", d)
	}
}

func TestMap(t *testing.T) {
	for name, tc := range map[string]struct {
		policy, rules string
		want          Assignment
		dropped       bool
	}{
		"without rules the severity is the priority and the policy the default": {
			policy: "native", want: Assignment{Policy: "native", Severity: "high"},
		},
		"a tag sets the policy": {
			rules: `[{source_labels: [__meta_ticket_tags], regex: ".*,provider_meta,.*", target_label: policy, replacement: meta-direct-support}]`,
			want:  Assignment{Policy: "meta-direct-support", Severity: "high"},
		},
		"a tag that is the end of another does not": {
			rules: `[{source_labels: [__meta_ticket_tags], regex: ".*,meta,.*", target_label: policy, replacement: meta-direct-support}]`,
			want:  Assignment{Severity: "high"},
		},
		"part of a tag sets the severity in the place of the priority": {
			rules: `[{source_labels: [__meta_ticket_tags], regex: ".*,sev_([^,]+),.*", target_label: severity, replacement: "SEV-$1"}]`,
			want:  Assignment{Severity: "sev-high"},
		},
		"everything that can be set": {
			policy: "native",
			rules: `
- {source_labels: [__meta_ticket_field_7001], target_label: __tmp_provider}
- {source_labels: [__tmp_provider], regex: meta, target_label: policy, replacement: reach-whatsapp-qr}
- {source_labels: [__tmp_provider], regex: meta, target_label: origin, replacement: External}
- {source_labels: [__meta_ticket_field_cf_root_cause], target_label: topic}
- {source_labels: [__meta_ticket_status], regex: on_hold, target_label: valid, replacement: "false"}
- {source_labels: [__meta_ticket_brand, __meta_ticket_group], separator: "-", target_label: tenant}
`,
			want: Assignment{Policy: "reach-whatsapp-qr", Severity: "high", Origin: "external", Topic: "template", Valid: ValidNo, Tenant: "51-21"},
		},
		"valid can be true": {
			rules: `[{target_label: valid, replacement: "true"}]`, want: Assignment{Severity: "high", Valid: ValidYes},
		},
		"a valid that is neither true nor false is told": {
			rules: `[{target_label: valid, replacement: perhaps}]`, want: Assignment{Severity: "high", Unmapped: "valid"},
		},
		"the severity can be taken away, so that the topic decides": {
			rules: `[{target_label: severity, replacement: ""}]`, want: Assignment{},
		},
		"a rule drops": {
			rules: `[{source_labels: [__meta_ticket_channel], regex: whatsapp, action: drop}]`, dropped: true,
		},
		"fields can be mapped by name": {
			rules: `[{action: labelmap, regex: __meta_ticket_field_7001, replacement: tenant}]`, want: Assignment{Severity: "high", Tenant: "meta"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := NewMapper(rules(t, tc.rules), tc.policy)
			if err != nil {
				t.Fatal(err)
			}
			for _, pass := range []string{"first", "from memory"} {
				got, keep := m.Map(ticket())
				if d := cmp.Diff(tc.want, got); d != "" || keep == tc.dropped {
					t.Errorf("%s: kept %v, %s", pass, keep, d)
				}
			}
		})
	}
}

func TestMapTellsTicketsApart(t *testing.T) {
	m, err := NewMapper(rules(t, `
- {source_labels: [__meta_ticket_tags], target_label: topic}
- {source_labels: [__meta_ticket_group], target_label: tenant}
`), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		ticket Ticket
		want   Assignment
	}{
		{Ticket{Tags: []string{"a", "b"}}, Assignment{Topic: ",a,b,"}},
		{Ticket{Tags: []string{"a"}, Group: "b"}, Assignment{Topic: ",a,", Tenant: "b"}},
		{Ticket{Tags: []string{"a"}, Priority: "b"}, Assignment{Topic: ",a,", Severity: "b"}},
		{Ticket{Tags: []string{"a"}, Type: "b"}, Assignment{Topic: ",a,"}},
	} {
		if got, _ := m.Map(&tc.ticket); got != tc.want {
			t.Errorf("got %+v, want %+v", got, tc.want)
		}
	}
}

func TestMapForgetsRatherThanGrow(t *testing.T) {
	m, err := NewMapper(rules(t, `[{source_labels: [__meta_ticket_group], target_label: tenant}]`), "")
	if err != nil {
		t.Fatal(err)
	}
	for i := range maxKnown + 10 {
		m.Map(&Ticket{Group: fmt.Sprint(i)})
	}
	if len(m.known) > maxKnown {
		t.Errorf("keeps %d assignments, want at most %d", len(m.known), maxKnown)
	}
}

func TestUsesFieldOnlyWhereARuleReadsIt(t *testing.T) {
	m, err := NewMapper(rules(t, `
- {source_labels: [__meta_ticket_field_7001], target_label: topic}
- {action: labelmap, regex: __meta_ticket_field_(8\d+), replacement: __tmp_$1}
`), "")
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]bool{"7001": true, "7002": false, "8123": true} {
		if got := m.UsesField(id); got != want {
			t.Errorf("UsesField(%s) = %v, want %v", id, got, want)
		}
	}
}

func TestNewMapperRefuses(t *testing.T) {
	for name, tc := range map[string]struct{ rules, want string }{
		"a label nobody reads":      {`[{target_label: polcy, replacement: x}]`, `relabel_configs[0]: target_label "polcy": want one of policy, severity`},
		"a label no ticket has":     {`[{source_labels: [__meta_ticket_tag], target_label: topic}]`, `relabel_configs[0]: source label "__meta_ticket_tag": a ticket has __meta_ticket_brand`},
		"what Prometheus refuses":   {`[{action: replace, regex: a}]`, `relabel_configs[0]: relabel configuration for replace action requires 'target_label'`},
		"the second of two":         {`[{target_label: topic}, {target_label: subject}]`, `relabel_configs[1]: target_label "subject"`},
		"a person's label":          {`[{source_labels: [__meta_ticket_requester], target_label: tenant}]`, `source label "__meta_ticket_requester"`},
		"equality with no ticket's": {`[{action: keepequal, source_labels: [severity], target_label: __meta_ticket_prio}]`, `source label "__meta_ticket_prio"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewMapper(rules(t, tc.rules), "")
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

const benchmarkRules = `
- {source_labels: [__meta_ticket_tags], regex: ".*,provider_360dialog,.*", target_label: policy, replacement: 360dialog-premium}
- {source_labels: [__meta_ticket_tags], regex: ".*,provider_meta,.*", target_label: policy, replacement: meta-direct-support}
- {source_labels: [__meta_ticket_tags], regex: ".*,sev_([^,]+),.*", target_label: severity}
- {source_labels: [__meta_ticket_field_7001], regex: (.+), target_label: topic}
- {source_labels: [__meta_ticket_group], target_label: tenant}
`

// BenchmarkMap maps 100,000 tickets of 400 different label sets, and as many that all differ.
func BenchmarkMap(b *testing.B) {
	for name, distinct := range map[string]int{"400 label sets": 400, "all different": 100_000} {
		b.Run(name, func(b *testing.B) {
			tickets := make([]Ticket, 100_000)
			for i := range tickets {
				n := i % distinct
				tickets[i] = *ticket()
				tickets[i].Group = fmt.Sprint(n)
			}
			m, err := NewMapper(rules(b, benchmarkRules), "native")
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				for i := range tickets {
					m.Map(&tickets[i])
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(tickets)), "ns/ticket")
		})
	}
}
