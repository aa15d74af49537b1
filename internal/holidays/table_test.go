package holidays

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const header = "holidays 2024 2025 test@1 sha256:00\n"

func TestDecodeInheritsAndRemoves(t *testing.T) {
	table, err := openTable(header + "AA\n+* 0101\n+2025 0228 1231\nAA-X\n-2024 0101\n+* 0506\nAA-X-Y\n-* 0506\nBB\n")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for country := range table.countries {
		sets, err := table.sets(country)
		if err != nil {
			t.Fatal(err)
		}
		for region, set := range sets {
			got[country+"-"+region] = days(set)
		}
	}
	want := map[string][]string{
		"AA-":    {"2024-01-01", "2025-01-01", "2025-02-28", "2025-12-31"},
		"AA-X":   {"2024-05-06", "2025-01-01", "2025-02-28", "2025-05-06", "2025-12-31"},
		"AA-X-Y": {"2025-01-01", "2025-02-28", "2025-12-31"},
		"BB-":    nil,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sets (-want +got):\n%s", diff)
	}
}

// days spells a set out, non-existent dates included.
func days(set *Set) []string {
	var all []string
	for year := set.from; set.Covers(year); year++ {
		for m := time.January; m <= time.December; m++ {
			for d := range 32 {
				if set.Holiday(year, m, d) {
					all = append(all, time.Date(year, m, 1, 0, 0, 0, 0, time.UTC).Format("2006-01-")+string([]byte{'0' + byte(d/10), '0' + byte(d%10)}))
				}
			}
		}
	}
	return all
}

func TestBrokenTables(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"an empty file", "", "read the header of the holiday table"},
		{"another file", "PK\x03\x04", "read the header of the holiday table"},
		{"years backwards", "holidays 2025 2024 test@1 sha256:00\n", "bad years 2025 to 2024"},
		{"more years than memory should hold", "holidays 1 99999999 test@1 sha256:00\n", "bad years 1 to 99999999"},
		{"text before the first country", header + "+* 0101\nAA\n", `bad or repeated country "+* 0101"`},
		{"a country twice", header + "AA\nBB\nAA\n", `bad or repeated country "AA"`},
		{"a region of another country", header + "AA\nBB-X\n", `read the holidays of AA: bad or repeated region "BB-X"`},
		{"a region twice", header + "AA\nAA-X\nAA-X\n", `bad or repeated region "AA-X"`},
		{"a region without a name", header + "AA\nAA-\n", `bad or repeated region "AA-"`},
		{"an empty line", header + "AA\n\n+* 0101\n", `bad or repeated region ""`},
		{"a year that the header does not have", header + "AA\n+2026 0101\n", `line "+2026 0101": bad year "2026"`},
		{"a year that is none", header + "AA\n+x 0101\n", `bad year "x"`},
		{"a day that no year has", header + "AA\n+* 0230\n", `line "+* 0230": want a day as MMDD`},
		{"a month that no year has", header + "AA\n+* 1301\n", "want a day as MMDD"},
		{"a day too short", header + "AA\n+* 101\n", "want a day as MMDD"},
		{"a signed day", header + "AA\n+* +101\n", "want a day as MMDD"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := decodeAll(tt.text); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want one with %q", err, tt.want)
			}
		})
	}
}

func decodeAll(text string) error {
	table, err := openTable(text)
	if err != nil {
		return err
	}
	for country := range table.countries {
		if _, err := table.sets(country); err != nil {
			return err
		}
	}
	return nil
}

func FuzzDecode(f *testing.F) {
	f.Add(header + "AA\n+* 0101 0229\n+2025 1231\nAA-X\n-2024 0101\nBB\n")
	f.Add(header + "AA\n+2025\n-* 0506\nAA-X-Y\n")
	f.Add("holidays -1 5 a b")
	f.Add(embedded[:2000])
	f.Fuzz(func(t *testing.T, text string) {
		table, err := openTable(text)
		if err != nil {
			return
		}
		for country := range table.countries {
			sets, err := table.sets(country)
			if err == nil && (sets[""] == nil || len(sets[""].months) != table.to-table.from+1) {
				t.Fatalf("%s decoded without its own holidays or with the wrong years", country)
			}
		}
	})
}
