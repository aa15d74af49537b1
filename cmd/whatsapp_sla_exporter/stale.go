package main

import (
	"sync/atomic"
	"time"
)

// staleAfter is the stale_after in force: the board reads it while a reload may set it.
type staleAfter struct{ d atomic.Int64 }

func (s *staleAfter) set(d time.Duration) { s.d.Store(int64(d)) }
func (s *staleAfter) get() time.Duration  { return time.Duration(s.d.Load()) }
