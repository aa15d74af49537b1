package declarative

import (
	"time"

	"github.com/go-kit/log/level"
)

// joinMemory keeps the values of a join with versions.
type joinMemory struct {
	values    map[string]versioned
	offUntil  time.Time // the credentials did not allow the join
	aloneTill time.Time // they did not allow its list of recent rows
}

// versioned is the value of a join for a version of a ticket. Of one that is not whole some rows are not known.
type versioned struct {
	version string
	value   any
	whole   bool
}

// maxRemembered bounds the memory of a join.
const maxRemembered = 50_000

// offFor is how long what the credentials do not allow is left out.
const offFor = time.Hour

func newJoinMemory() *joinMemory { return &joinMemory{values: make(map[string]versioned)} }

func (c *Client) isOff(join string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.o.Now().Before(c.joins[join].offUntil)
}

func (c *Client) isAlone(join string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.o.Now().Before(c.joins[join].aloneTill)
}

// leaveAlone reads the tickets of a join one by one from now on.
func (c *Client) leaveAlone(join string, err error) {
	c.mu.Lock()
	c.joins[join].aloneTill = c.o.Now().Add(offFor)
	c.mu.Unlock()
	level.Warn(c.o.Logger).Log("msg", "the credentials do not allow a join's list of recent rows, reading them ticket by ticket", "join", join, "err", err)
}

func (c *Client) remembered(join, key string) versioned {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.joins[join].values[key]
}

func (c *Client) keep(join string, w want, value any, whole bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.joins[join]
	if _, known := m.values[w.key]; !known && len(m.values) >= maxRemembered {
		for key := range m.values { // any half: all of them can be read again
			if delete(m.values, key); len(m.values) <= maxRemembered/2 {
				break
			}
		}
	}
	m.values[w.key] = versioned{w.version, value, whole}
}
