// Package spool keeps an eye on how much of a spool folder is used.
package spool

import (
	"sync"
	"sync/atomic"
	"time"
)

type Spool struct {
	limit int64
	size  func() int64
	full  atomic.Bool
	once  sync.Once
	done  chan struct{}
}

func Open(limit int64, size func() int64) *Spool {
	s := &Spool{limit: limit, size: size, done: make(chan struct{})}
	go func() {
		tick := time.Tick(10 * time.Millisecond)
		for {
			select {
			case <-tick:
				s.full.Store(s.size() >= s.limit)
			case <-s.done:
				return
			}
		}
	}()
	return s
}

// Accepts reports whether there is room for another file.
func (s *Spool) Accepts() bool { return !s.full.Load() }

func (s *Spool) Close() error {
	s.once.Do(func() { close(s.done) })
	return nil
}
