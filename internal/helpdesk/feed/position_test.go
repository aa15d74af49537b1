package feed

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPositionAsCursor(t *testing.T) {
	for text, want := range map[string]Position{
		"1772452800000":   {At: noon},
		"1772452800000+3": {At: noon, Page: 3},
		"":                {},
		"+3":              {},
		"1772452800000+":  {},
		"1772452800000+0": {},
	} {
		got := ParsePosition(text)
		if !got.At.Equal(want.At) || got.Page != want.Page {
			t.Errorf("%q is read as %+v, want %+v", text, got, want)
		}
		if !want.At.IsZero() && got.String() != text {
			t.Errorf("%q is written as %q", text, got)
		}
	}
}

// rowsAt are rows of which so many have the same second.
func rowsAt(n, perSecond int) (rows []Stamp) {
	for i := range n {
		rows = append(rows, Stamp{ID: fmt.Sprint(i), At: noon.Add(time.Duration(i/perSecond) * time.Second)})
	}
	return rows
}

// list is a helpdesk's list in order of time with pages of size.
type list struct {
	rows []Stamp
	size int
	asks []string
}

func (l *list) read(p Position) ([]Stamp, bool, error) {
	l.asks = append(l.asks, fmt.Sprintf("%d+%d", p.At.Unix()-noon.Unix(), p.Page))
	var from []Stamp
	for _, s := range l.rows {
		if !s.At.Before(p.At) {
			from = append(from, s)
		}
	}
	slices.SortStableFunc(from, func(a, b Stamp) int { return a.At.Compare(b.At) })
	from = from[min((p.Page-1)*l.size, len(from)):]
	page := from[:min(l.size, len(from))]
	return page, len(page) == l.size, nil
}

func TestWalkGoesByTimeAndByPageWhereItMust(t *testing.T) {
	for name, tc := range map[string]struct {
		list  list
		asks  []string
		next  Position
		ended bool
	}{
		"rows of different seconds": {list{rows: rowsAt(7, 1), size: 3}, []string{"0+1", "2+1", "4+1", "6+1"}, Position{At: noon.Add(6 * time.Second)}, true},
		"rows of the same second":   {list{rows: rowsAt(7, 7), size: 3}, []string{"0+1", "0+2", "0+3"}, Position{At: noon}, true},
		"both":                      {list{rows: append(rowsAt(7, 7), Stamp{"last", noon.Add(time.Minute)}), size: 4}, []string{"0+1", "0+2", "60+1"}, Position{At: noon.Add(time.Minute)}, true},
		"no rows":                   {list{size: 3}, []string{"0+1"}, Position{At: noon}, true},
		"more than the budget":      {list{rows: rowsAt(30, 1), size: 3}, []string{"0+1", "2+1", "4+1", "6+1", "8+1"}, Position{At: noon.Add(10 * time.Second), Page: 1}, false},
	} {
		t.Run(name, func(t *testing.T) {
			next, ended, err := Walk(Position{At: noon}, 5, tc.list.read)
			if err != nil || next != tc.next || ended != tc.ended {
				t.Errorf("next %v, ended %v, %v; want %v, %v", next, ended, err, tc.next, tc.ended)
			}
			if x := cmp.Diff(tc.asks, tc.list.asks); x != "" {
				t.Error(x)
			}
		})
	}
}

// A row that changes while the list is read moves to its end: none of the others is passed over.
func TestWalkPassesNothingOverWhenRowsMove(t *testing.T) {
	l := list{rows: rowsAt(20, 1), size: 4}
	seen := map[string]bool{}
	n := 0
	_, ended, err := Walk(Position{At: noon}, 50, func(p Position) ([]Stamp, bool, error) {
		if n++; n <= 3 {
			l.rows[n-1].At = noon.Add(time.Hour + time.Duration(n)*time.Second)
		}
		page, full, err := l.read(p)
		for _, s := range page {
			seen[s.ID] = true
		}
		return page, full, err
	})
	if err != nil || !ended || len(seen) != 20 {
		t.Errorf("%d rows of 20, ended %v, %v", len(seen), ended, err)
	}
}

func TestWalkRefusesPagesThatRepeat(t *testing.T) {
	for name, perSecond := range map[string]int{"of different seconds": 1, "of the same second": 10} {
		t.Run(name, func(t *testing.T) {
			l := list{rows: rowsAt(10, perSecond), size: 4}
			_, ended, err := Walk(Position{At: noon}, 50, func(Position) ([]Stamp, bool, error) {
				return l.read(Position{At: noon, Page: 1})
			})
			if !errors.Is(err, ErrRepeats) || ended {
				t.Errorf("ended %v, %v", ended, err)
			}
		})
	}
}

func TestWalkTellsWhereItFailed(t *testing.T) {
	failure := errors.New("failure")
	l := list{rows: rowsAt(10, 1), size: 4}
	next, ended, err := Walk(Position{At: noon}, 50, func(p Position) ([]Stamp, bool, error) {
		if len(l.asks) == 2 {
			return nil, false, failure
		}
		return l.read(p)
	})
	if want := (Position{At: noon.Add(6 * time.Second), Page: 1}); next != want || ended || !errors.Is(err, failure) {
		t.Errorf("next %v, ended %v, %v, want %v", next, ended, err, want)
	}
}

func FuzzPosition(f *testing.F) {
	f.Add("1772452800000+3")
	f.Add("+")
	f.Fuzz(func(t *testing.T, s string) {
		p := ParsePosition(s)
		if again := ParsePosition(p.String()); !again.At.Equal(p.At) || again.Page != p.Page {
			t.Errorf("%q became %v and then %v", s, p, again)
		}
	})
}

func TestWaitingKeepsTheOldestMessage(t *testing.T) {
	var w Waiting
	minute := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }
	var none time.Time
	for _, step := range []struct {
		what                 string
		message, reply, want time.Time
	}{
		{"nobody wrote", none, none, none},
		{"the customer writes", minute(1), none, minute(1)},
		{"and again", minute(2), none, minute(1)},
		{"answered", minute(2), minute(3), none},
		{"the customer writes anew", minute(4), minute(3), minute(4)},
		{"and again", minute(5), minute(3), minute(4)},
		{"answered and asked between two looks", minute(7), minute(6), minute(7)},
		{"in the same second", minute(8), minute(8), none},
	} {
		if got := w.Since("1", step.message, step.reply); !got.Equal(step.want) {
			t.Errorf("%s: %v, want %v", step.what, got, step.want)
		}
	}
	w.Since("1", minute(9), none)
	w.Forget("1")
	if got := w.Since("1", minute(10), none); !got.Equal(minute(10)) {
		t.Errorf("a forgotten ticket waits since %v", got)
	}
}
