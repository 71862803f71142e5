// Package spool keeps an eye on how much of a spool folder is used.
package spool

import (
	"sync/atomic"
	"time"
)

type Spool struct {
	limit int64
	size  func() int64
	full  atomic.Bool
}

func Open(limit int64, size func() int64) *Spool {
	s := &Spool{limit: limit, size: size}
	go func() {
		for range time.Tick(10 * time.Millisecond) {
			s.full.Store(s.size() >= s.limit)
		}
	}()
	return s
}

// Accepts reports whether there is room for another file.
func (s *Spool) Accepts() bool { return !s.full.Load() }
