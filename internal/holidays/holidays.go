// Package holidays knows the public holidays of every country and of most of
// their subdivisions from 2024 to 2040.
//
// The table is generated from the npm package date-holidays (data: CC BY-SA
// 3.0, attribution in ATTRIBUTION.txt) with a supplement for India and
// Indonesia; README.md beside this file says what it holds, what it lacks and
// how it is made. Only public holidays that fill a whole day are in it:
// half-days, bank holidays and optional ones (Carnival in Brazil) are working
// days. A substitute day counts where the law of the place grants one. Dates of
// moon calendars are computed ones and can differ by a day from those announced.
package holidays

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

//go:generate npm --prefix generate ci --ignore-scripts --no-audit --no-fund
//go:generate node generate/generate.mjs

//go:embed table.txt
var embedded string

var loadTable = sync.OnceValues(func() (*table, error) { return openTable(embedded) })

// Set is the public holidays of one country or subdivision. It is immutable and
// safe for concurrent use.
type Set struct {
	from   int
	months [][12]uint32 // by year since from; bit d of a month is its day d
}

// Holiday reports whether the date is a public holiday. It reports false for a
// year that the set does not cover and for a date that does not exist.
func (s *Set) Holiday(y int, m time.Month, d int) bool {
	year := y - s.from
	if year < 0 || year >= len(s.months) || m < time.January || m > time.December || d < 1 || d > 31 {
		return false
	}
	return s.months[year][m-1]>>d&1 != 0
}

// Covers reports whether the set knows the year's holidays. In a year that it
// does not cover, Holiday is false for every date: ask Covers first where that
// would be a wrong answer and not a harmless one.
func (s *Set) Covers(year int) bool {
	return year >= s.from && year-s.from < len(s.months)
}

// For returns the holidays of a country (ISO 3166-1 alpha-2, such as ES) and,
// unless region is empty, of a subdivision of it, both in any case. The region
// is the code that date-holidays uses, mostly that of ISO 3166-2, alone or after
// the country: MD and ES-MD are the same; a part of a subdivision is BY-A or
// DE-BY-A. A region's set contains the holidays of its whole country.
// The error for an unknown country or region says which ones there are.
func For(country, region string) (*Set, error) {
	table, err := loadTable()
	if err != nil {
		return nil, err
	}
	country = strings.ToUpper(country)
	sets, err := table.sets(country)
	if err != nil {
		return nil, err
	}
	region = strings.ToUpper(region)
	if set, ok := sets[region]; ok {
		return set, nil
	}
	if short, ok := strings.CutPrefix(region, country+"-"); ok {
		if set, ok := sets[short]; ok && short != "" {
			return set, nil
		}
	}
	return nil, unknownRegion(country, region, regionsOf(sets))
}

// Countries returns the countries of the table in alphabetical order.
func Countries() []string {
	table, err := loadTable()
	if err != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(table.countries))
}

// Regions returns the subdivisions that For knows of a country, in alphabetical
// order; none where the country's holidays are the same everywhere or the table
// does not tell its parts apart.
func Regions(country string) ([]string, error) {
	table, err := loadTable()
	if err != nil {
		return nil, err
	}
	sets, err := table.sets(strings.ToUpper(country))
	if err != nil {
		return nil, err
	}
	return regionsOf(sets), nil
}

// Years returns the first and the last year that the table covers, for every
// country alike.
func Years() (from, to int) {
	table, err := loadTable()
	if err != nil {
		return 0, 0
	}
	return table.from, table.to
}

func regionsOf(sets map[string]*Set) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(sets)), func(region string) bool { return region == "" })
}

func unknownRegion(country, region string, known []string) error {
	if len(known) == 0 {
		return fmt.Errorf("no region %q in the holiday table: it has none for %s, leave the region empty", region, country)
	}
	return fmt.Errorf("no region %q in the holiday table: it has for %s %s", region, country, strings.Join(known, ", "))
}
