package holidays

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math/bits"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func mustFor(t testing.TB, country, region string) *Set {
	t.Helper()
	set, err := For(country, region)
	if err != nil {
		t.Fatalf("For(%q, %q): %v", country, region, err)
	}
	return set
}

func TestHoliday(t *testing.T) {
	tests := []struct {
		name, country, region string
		y                     int
		m                     time.Month
		d                     int
		want                  bool
	}{
		{"Spain has Immaculate Conception", "ES", "", 2026, time.December, 8, true},
		{"Spain works on the day of Madrid", "ES", "", 2026, time.May, 2, false},
		{"Madrid does not", "ES", "MD", 2026, time.May, 2, true},
		{"Madrid has the holidays of Spain", "ES", "MD", 2026, time.December, 8, true},
		{"a lower-case country and an ISO 3166-2 region", "es", "es-md", 2026, time.May, 2, true},
		{"Augsburg has the Peace Festival", "DE", "BY-A", 2026, time.August, 8, true},
		{"and the Epiphany of all Bavaria", "DE", "DE-BY-A", 2026, time.January, 6, true},
		{"which Berlin has not", "DE", "BE", 2026, time.January, 6, false},
		{"Easter Monday moves", "DE", "", 2027, time.March, 29, true},
		{"Easter Monday of another year", "DE", "", 2026, time.March, 29, false},
		{"Brazil's independence", "BR", "", 2026, time.September, 7, true},
		{"Brazil's Carnival is optional, so not in the table", "BR", "", 2026, time.February, 17, false},
		{"Sao Paulo's revolution", "BR", "SP", 2026, time.July, 9, true},
		{"India's Republic Day", "IN", "", 2026, time.January, 26, true},
		{"India's Diwali, from the supplement", "IN", "", 2026, time.November, 8, true},
		{"India's Id-ul-Fitr a day after Saudi Arabia's", "IN", "", 2025, time.March, 31, true},
		{"Maharashtra Day", "IN", "IN-MH", 2026, time.May, 1, true},
		{"Telangana under its ISO code of today", "IN", "TS", 2026, time.June, 2, true},
		{"Indonesia's independence", "ID", "", 2026, time.August, 17, true},
		{"Indonesia's Nyepi of the package", "ID", "", 2026, time.March, 19, true},
		{"Indonesia's Nyepi of the supplement", "ID", "", 2040, time.March, 14, true},
		{"Mexico's independence", "MX", "", 2026, time.September, 16, true},
		{"Mexico's Benito Juarez day is a Monday", "MX", "", 2026, time.March, 16, true},
		{"Thanksgiving 2030", "US", "", 2030, time.November, 28, true},
		{"a substitute day: 4 July 2026 is a Saturday", "US", "", 2026, time.July, 3, true},
		{"Scotland keeps working on Easter Monday", "GB", "SCT", 2026, time.April, 6, false},
		{"England does not", "GB", "ENG", 2026, time.April, 6, true},
		{"a half-day is a working day: Kentucky's Good Friday", "US", "KY", 2024, time.March, 29, false},
		{"the first day of the table", "ES", "", 2024, time.January, 1, true},
		{"the last Christmas of the table", "ES", "", 2040, time.December, 25, true},
		{"before the table", "ES", "", 2023, time.December, 25, false},
		{"after the table", "ES", "", 2041, time.January, 1, false},
		{"no such month", "ES", "", 2026, 13, 1, false},
		{"no such day", "ES", "", 2026, time.January, 33, false},
		{"day nought", "ES", "", 2026, time.January, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := mustFor(t, tt.country, tt.region).Holiday(tt.y, tt.m, tt.d); got != tt.want {
				t.Errorf("Holiday(%d-%02d-%02d) = %v, want %v", tt.y, tt.m, tt.d, got, tt.want)
			}
		})
	}
}

func TestForNamesWhatExists(t *testing.T) {
	tests := []struct{ name, country, region, want string }{
		{"an unknown country", "XX", "", `no country "XX" in the holiday table: want one of its 207 ISO 3166-1 alpha-2 codes, such as ES`},
		{"no country", "", "", `no country "" in the holiday table: want one of its 207 ISO 3166-1 alpha-2 codes, such as ES`},
		{"a name instead of a code", "Spain", "", `no country "SPAIN" in the holiday table: want one of its 207 ISO 3166-1 alpha-2 codes, such as ES`},
		{"an unknown region", "GB", "wessex", `no region "WESSEX" in the holiday table: it has for GB ALD, ENG, NIR, SCT, WLS`},
		{"a region of another country", "GB", "ES-MD", `no region "ES-MD" in the holiday table: it has for GB ALD, ENG, NIR, SCT, WLS`},
		{"the country's prefix alone", "GB", "GB-", `no region "GB-" in the holiday table: it has for GB ALD, ENG, NIR, SCT, WLS`},
		{"a country without regions", "MX", "CMX", `no region "CMX" in the holiday table: it has none for MX, leave the region empty`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := For(tt.country, tt.region)
			if err == nil || err.Error() != tt.want {
				t.Errorf("For(%q, %q) error = %v, want %s", tt.country, tt.region, err, tt.want)
			}
		})
	}
}

func TestEveryCountryDecodes(t *testing.T) {
	from, to := Years()
	if got, want := [2]int{from, to}, [2]int{2024, 2040}; got != want {
		t.Errorf("Years() = %v, want %v", got, want)
	}
	countries := Countries()
	if len(countries) != 207 || !slices.IsSorted(countries) {
		t.Errorf("Countries() = %v, want 207 in order", countries)
	}
	total := 0
	for _, country := range countries {
		regions, err := Regions(country)
		if err != nil {
			t.Fatalf("Regions(%q): %v", country, err)
		}
		for _, region := range append(regions, "") {
			total++
			checkSet(t, country+" "+region, mustFor(t, country, region), from, to)
		}
	}
	if total != 634 {
		t.Errorf("the table has %d sets, want 634", total)
	}
}

// checkSet wants one holiday a year at least, at most two months of them, and
// none on 30 February.
func checkSet(t *testing.T, name string, set *Set, from, to int) {
	t.Helper()
	if !set.Covers(from) || !set.Covers(to) || set.Covers(from-1) || set.Covers(to+1) {
		t.Errorf("%s does not cover exactly %d to %d", name, from, to)
	}
	for year, months := range set.months {
		n := 0
		for m, days := range months {
			n += bits.OnesCount32(days)
			last := time.Date(from+year, time.Month(m)+2, 0, 0, 0, 0, 0, time.UTC).Day()
			if days>>(last+1) != 0 || days&1 != 0 {
				t.Errorf("%s %d-%02d holds days that do not exist: %032b", name, from+year, m+1, days)
			}
		}
		if n < 1 || n > 60 {
			t.Errorf("%s has %d holidays in %d", name, n, from+year)
		}
	}
}

// The generator writes the hash of what it wrote and the version of what it
// read, so a table edited by hand or left behind by an upgrade is noticed.
func TestTableIsWhatTheGeneratorWrote(t *testing.T) {
	table, err := openTable(embedded)
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(embedded, "\n")
	sum := sha256.Sum256([]byte(body))
	if got := hex.EncodeToString(sum[:]); got != table.sum {
		t.Errorf("SHA-256 of the table is %s, its header says %s: run go generate", got, table.sum)
	}
	var lock struct {
		Packages map[string]struct{ Version, Resolved string }
	}
	file, err := os.ReadFile("generate/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(file, &lock); err != nil {
		t.Fatal(err)
	}
	want := "date-holidays@" + lock.Packages["node_modules/date-holidays"].Version
	if diff := cmp.Diff(want, table.source); diff != "" {
		t.Errorf("the table's source differs from package-lock.json, run go generate (-lock +table):\n%s", diff)
	}
	for name, p := range lock.Packages {
		if p.Resolved != "" {
			t.Errorf("package-lock.json records a registry address for %s: %s", name, p.Resolved)
		}
	}
}

func TestHolidayDoesNotAllocate(t *testing.T) {
	set := mustFor(t, "ES", "MD")
	if n := testing.AllocsPerRun(100, func() { set.Holiday(2026, time.May, 2) }); n != 0 {
		t.Errorf("Holiday allocates %v times", n)
	}
	if n := testing.AllocsPerRun(100, func() { mustFor(t, "ES", "MD") }); n != 0 {
		t.Errorf("For allocates %v times once the country is decoded", n)
	}
}

func BenchmarkHoliday(b *testing.B) {
	set := mustFor(b, "ES", "MD")
	for b.Loop() {
		set.Holiday(2026, time.December, 8)
	}
}

func BenchmarkFor(b *testing.B) {
	for b.Loop() {
		mustFor(b, "IN", "IN-MH")
	}
}

// BenchmarkOpenAndDecode is what the first use of the package costs.
func BenchmarkOpenAndDecode(b *testing.B) {
	for b.Loop() {
		table, err := openTable(embedded)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := table.sets("IN"); err != nil {
			b.Fatal(err)
		}
	}
}
