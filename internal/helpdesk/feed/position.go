package feed

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// Position is where a list goes on that is in order of a time: at a page of the rows from At on, which are all asked
// for. Such a list is read by its time and not by page numbers as far as its rows allow, because rows that change
// leave their page and shift others onto pages that were read already.
type Position struct {
	At time.Time
	// Page counts from 1. It is 0 where a walk ended, and the next has to overlap with it.
	Page int
}

// String is the position as a cursor: Unix milliseconds, with the page where a walk is in its middle.
func (p Position) String() string {
	if p.Page == 0 {
		return Watermark{p.At}.String()
	}
	return Watermark{p.At}.String() + "+" + strconv.Itoa(p.Page)
}

// ParsePosition reads a cursor; what is not one gives the zero value.
func ParsePosition(s string) Position {
	at, page, middle := strings.Cut(s, "+")
	p := Position{At: ParseWatermark(at).Time}
	if !middle {
		return p
	}
	n, err := strconv.Atoi(page)
	if err != nil || n < 1 || p.At.IsZero() {
		return Position{}
	}
	p.Page = n
	return p
}

// Stamp is a row as far as a walk is concerned. A row without a time that can be read has the zero time.
type Stamp struct {
	ID string
	At time.Time
}

// ErrRepeats is a page that is not the one that was asked for.
var ErrRepeats = errors.New("the list repeats a page: its rows are those of an earlier one")

// Walk reads pages from a position on, until one is not full or as many were read as are allowed. It returns where to
// go on; ended is false where there is more.
func Walk(from Position, pages int, read func(Position) (page []Stamp, full bool, err error)) (next Position, ended bool, err error) {
	next = Position{At: from.At, Page: max(from.Page, 1)}
	known := make(map[string]bool) // rows of the time that next is at
	for range pages {
		page, full, err := read(next)
		if err != nil {
			return next, false, err
		}
		if next.repeats(page, known) {
			return next, false, ErrRepeats
		}
		last := next.At
		for _, s := range page {
			if s.At.After(last) {
				last = s.At
				clear(known)
			}
			known[s.ID] = true
		}
		if !full {
			return Position{At: last}, true, nil
		}
		if last.After(next.At) {
			next = Position{At: last, Page: 1}
		} else {
			next.Page++
		}
	}
	return next, false, nil
}

// repeats says whether rows come from before the position.
func (p Position) repeats(page []Stamp, known map[string]bool) bool {
	fresh := p.Page == 1 || len(page) == 0
	for _, s := range page {
		if !s.At.IsZero() && s.At.Before(p.At) {
			return true
		}
		fresh = fresh || !known[s.ID]
	}
	return !fresh
}
