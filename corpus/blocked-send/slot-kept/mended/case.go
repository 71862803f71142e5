// Package scan looks at files a few at a time.
package scan

import (
	"errors"
	"sync"
)

var ErrTooLarge = errors.New("scan: too large")

type Scanner struct {
	busy chan struct{}
	read func(name string) (int, error)
}

func New(read func(name string) (int, error)) *Scanner {
	return &Scanner{busy: make(chan struct{}, 2), read: read}
}

// Size reads one file, and waits while as many as allowed are read.
func (s *Scanner) Size(name string) (int, error) {
	s.busy <- struct{}{}
	defer func() { <-s.busy }()
	n, err := s.read(name)
	if err != nil {
		return 0, err
	}
	return n, nil
}

// Warm reads many files, so that the system has them at hand.
func (s *Scanner) Warm(names []string) {
	var done sync.WaitGroup
	for _, name := range names {
		done.Add(1)
		go func() {
			defer done.Done()
			_, _ = s.Size(name)
		}()
	}
	done.Wait()
}
