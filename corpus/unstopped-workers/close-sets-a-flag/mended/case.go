// Package pool runs a function over many values.
package pool

import (
	"errors"
	"sync"
)

var ErrClosed = errors.New("pool: closed")

type Pool[T any] struct {
	in chan T
	fn func(T)

	mu     sync.Mutex
	closed bool
}

func New[T any](n int, fn func(T)) *Pool[T] {
	p := &Pool[T]{in: make(chan T, n), fn: fn}
	for range n {
		go p.run()
	}
	return p
}

func (p *Pool[T]) run() {
	for v := range p.in {
		p.fn(v)
	}
}

func (p *Pool[T]) Do(v T) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	p.in <- v
	return nil
}

func (p *Pool[T]) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	p.closed = true
	close(p.in)
	return nil
}
