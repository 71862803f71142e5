package p

import (
	"errors"
	"sync"
)

type shelf struct {
	mu sync.RWMutex
	m  map[string]int
}

func (s *shelf) take(k string) error {
	s.mu.Lock() // want error "stays locked"
	if s.m[k] == 0 {
		return errors.New("none")
	}
	s.m[k]--
	s.mu.Unlock()
	return nil
}

func (s *shelf) find(k string) (int, bool) {
	s.mu.RLock() // want error "stays locked"
	if s.m == nil {
		return 0, false
	}
	n := s.m[k]
	s.mu.RUnlock()
	return n, n > 0
}
