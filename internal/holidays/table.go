package holidays

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// maxYears bounds what a table may claim, so that a broken one cannot ask for
// much memory.
const maxYears = 200

// table is the text of table.txt, cut into its countries. A country is decoded
// when it is first asked for.
type table struct {
	from, to  int
	source    string // such as date-holidays@3.37.0
	sum       string // SHA-256 of the body in hex
	countries map[string]func() (map[string]*Set, error)
}

// openTable reads the header and finds where each country begins; it reads no
// holiday. README.md describes the format.
func openTable(text string) (*table, error) {
	header, body, _ := strings.Cut(text, "\n")
	t := &table{countries: map[string]func() (map[string]*Set, error){}}
	if _, err := fmt.Sscanf(header, "holidays %d %d %s sha256:%s", &t.from, &t.to, &t.source, &t.sum); err != nil {
		return nil, fmt.Errorf("read the header of the holiday table: %w", err)
	}
	if t.from < 1 || t.to < t.from || t.to-t.from >= maxYears {
		return nil, fmt.Errorf("read the header of the holiday table: bad years %d to %d", t.from, t.to)
	}
	for body != "" {
		block := firstCountry(body)
		body = body[len(block):]
		country, _, _ := strings.Cut(block, "\n")
		if len(country) != 2 || t.countries[country] != nil {
			return nil, fmt.Errorf("read the holiday table: bad or repeated country %q", country)
		}
		t.countries[country] = sync.OnceValues(func() (map[string]*Set, error) {
			return decodeCountry(block, t.from, t.to)
		})
	}
	return t, nil
}

// firstCountry returns the text up to the next line that is two letters long,
// which is a country.
func firstCountry(body string) string {
	for at := 0; ; {
		next := strings.IndexByte(body[at:], '\n')
		if next < 0 {
			return body
		}
		at += next + 1
		if rest := body[at:]; len(rest) >= 3 && rest[2] == '\n' {
			return body[:at]
		}
	}
}

func (t *table) sets(country string) (map[string]*Set, error) {
	decode, ok := t.countries[country]
	if !ok {
		return nil, fmt.Errorf("no country %q in the holiday table: want one of its %d ISO 3166-1 alpha-2 codes, such as ES",
			country, len(t.countries))
	}
	return decode()
}

// decodeCountry returns a country's sets by region, the whole country's under "".
func decodeCountry(block string, from, to int) (map[string]*Set, error) {
	lines := strings.Split(strings.TrimSuffix(block, "\n"), "\n")
	country := lines[0]
	sets := map[string]*Set{"": {from: from, months: make([][12]uint32, to-from+1)}}
	set := sets[""]
	for _, line := range lines[1:] {
		if line != "" && (line[0] == '+' || line[0] == '-') {
			if err := set.apply(line); err != nil {
				return nil, fmt.Errorf("read the holidays of %s: line %q: %w", country, line, err)
			}
			continue
		}
		region, ok := strings.CutPrefix(line, country+"-")
		if !ok || region == "" || sets[region] != nil {
			return nil, fmt.Errorf("read the holidays of %s: bad or repeated region %q", country, line)
		}
		set = parent(sets, region).clone()
		sets[region] = set
	}
	return sets, nil
}

// parent returns the nearest set that contains the region: BY for BY-A where it
// is known, else the country.
func parent(sets map[string]*Set, region string) *Set {
	if last := strings.LastIndexByte(region, '-'); last > 0 {
		if set, ok := sets[region[:last]]; ok {
			return set
		}
	}
	return sets[""]
}

func (s *Set) clone() *Set {
	return &Set{from: s.from, months: append([][12]uint32(nil), s.months...)}
}

// apply adds or removes the days of one line: a sign, a year or * for all of
// them, and days as MMDD.
func (s *Set) apply(line string) error {
	key, days, _ := strings.Cut(line[1:], " ")
	years := s.months
	if key != "*" {
		year, err := strconv.Atoi(key)
		if err != nil || !s.Covers(year) {
			return fmt.Errorf("bad year %q", key)
		}
		years = s.months[year-s.from:][:1]
	}
	for day := range strings.FieldsSeq(days) {
		m, d, err := monthDay(day)
		if err != nil {
			return err
		}
		for i := range years {
			if line[0] == '+' {
				years[i][m-1] |= 1 << d
			} else {
				years[i][m-1] &^= 1 << d
			}
		}
	}
	return nil
}

var errMonthDay = errors.New("want a day as MMDD")

func monthDay(text string) (time.Month, int, error) {
	n, err := strconv.ParseUint(text, 10, 16)
	m, d := time.Month(n/100), int(n%100)
	if err != nil || len(text) != 4 || m < time.January || m > time.December || d < 1 {
		return 0, 0, errMonthDay
	}
	if leapYear := 2024; d > time.Date(leapYear, m+1, 0, 0, 0, 0, 0, time.UTC).Day() {
		return 0, 0, errMonthDay
	}
	return m, d, nil
}
