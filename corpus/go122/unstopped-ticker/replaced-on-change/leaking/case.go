// Package schedule runs a task at an interval that can be changed.
package schedule

import (
	"sync"
	"time"
)

type Scheduler struct {
	mu     sync.Mutex
	ticker *time.Ticker
	runs   int
}

func New(every time.Duration) *Scheduler {
	return &Scheduler{ticker: time.NewTicker(every)}
}

// SetInterval takes effect with the next run.
func (s *Scheduler) SetInterval(every time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ticker = time.NewTicker(every)
}

// Next waits for the time of the next run.
func (s *Scheduler) Next() int {
	s.mu.Lock()
	c := s.ticker.C
	s.mu.Unlock()
	<-c
	s.runs++
	return s.runs
}

// Stop ends the schedule.
func (s *Scheduler) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ticker.Stop()
}
