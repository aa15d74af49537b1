package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"whatsapp_sla_exporter/internal/holidays"
	"whatsapp_sla_exporter/internal/sla"
)

// maxClocks bounds how many clocks are kept: there can be one for each policy and place.
const maxClocks = 512

// clockCache keeps clocks, because making a calendar takes milliseconds.
type clockCache struct {
	mu     sync.Mutex
	clocks map[clockKey]*sla.Clock
}

type clockKey struct {
	policy string
	place  Place // only what the calendar asks for
}

func newClockCache() *clockCache { return &clockCache{clocks: make(map[clockKey]*sla.Clock)} }

// Clock is the clock of a policy at a place. The place only matters to policies that follow the account; for
// them it is an error when its time zone or country is missing or unknown.
func (s *PolicySet) Clock(policy string, at Place) (*sla.Clock, error) {
	p, ok := s.SLA[policy]
	if !ok {
		return nil, fmt.Errorf("no policy %q: there are %s", policy, strings.Join(s.SLANames(), ", "))
	}
	key := clockKey{policy, p.Calendar.place(at)}
	s.clocks.mu.Lock()
	defer s.clocks.mu.Unlock()
	if c, ok := s.clocks.clocks[key]; ok {
		return c, nil
	}
	calendar, err := p.Calendar.at(key.place)
	if err != nil {
		return nil, fmt.Errorf("policy %s: %w", policy, err)
	}
	c, err := sla.NewClock(&p.Policy, calendar)
	if err != nil {
		return nil, err
	}
	if len(s.clocks.clocks) >= maxClocks {
		clear(s.clocks.clocks)
	}
	s.clocks.clocks[key] = c
	return c, nil
}

// place is where the calendar is kept, given where the account is.
func (c *PolicyCalendar) place(account Place) Place {
	if c.Always {
		return Place{}
	}
	follow := func(own, account string) string {
		if own == FromAccount {
			return account
		}
		return own
	}
	return Place{
		Country: follow(c.Country, account.Country), Region: follow(c.Region, account.Region),
		TimeZone: follow(c.TimeZone, account.TimeZone),
	}
}

// check says whether the calendar's own hours make a calendar, wherever it is.
func (c *PolicyCalendar) check() error {
	somewhere := *c
	somewhere.Country, somewhere.Region = "", ""
	_, err := somewhere.at(Place{TimeZone: "UTC"})
	return err
}

// at makes the calendar at a place.
func (c *PolicyCalendar) at(at Place) (*sla.Calendar, error) {
	if c.Always {
		return sla.Always(), nil
	}
	if at.TimeZone == "" {
		return nil, fmt.Errorf("its hours follow the account: time_zone is needed")
	}
	zone, err := loadZone(at.TimeZone)
	if err != nil {
		return nil, err
	}
	h := sla.Hours{Zone: zone, Week: c.Week, Holidays: []sla.Holidays{maps.Clone(c.Closed)}, Exceptions: c.Exceptions}
	if c.Country != "" {
		if at.Country == "" {
			return nil, fmt.Errorf("its public holidays follow the account: country is needed")
		}
		set, err := holidays.For(at.Country, at.Region)
		if err != nil {
			return nil, fmt.Errorf("%w; where there is none, extend the policy with holidays: {country: null, region: null, dates: [...]}", err)
		}
		h.Holidays = append(h.Holidays, set)
	}
	return sla.NewCalendar(h)
}

// checkCountry says whether the holidays of a country and, where one is named, of its region are known.
func checkCountry(country, region string) error {
	_, err := holidays.For(country, region)
	return err
}

// loadZone loads a time zone by its IANA name. The machine's own zone is not one: files must mean the same
// everywhere.
func loadZone(name string) (*time.Location, error) {
	loc, err := time.LoadLocation(name)
	if err != nil || slices.Contains([]string{"", "Local"}, name) {
		return nil, fmt.Errorf("time_zone %q: not an IANA name such as Europe/Madrid", name)
	}
	return loc, nil
}
