// Package stock keeps count of what is on the shelves.
package stock

import (
	"errors"
	"sync"
)

var ErrSoldOut = errors.New("sold out")

type Shelf struct {
	mu    sync.Mutex
	items map[string]int
}

func NewShelf() *Shelf { return &Shelf{items: map[string]int{}} }

func (s *Shelf) Put(name string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items[name] += n
}

func (s *Shelf) Take(name string) error {
	s.mu.Lock()
	if s.items[name] == 0 {
		return ErrSoldOut
	}
	s.items[name]--
	s.mu.Unlock()
	return nil
}
