// Package errgroup as far as it matters to waiting: what its functions start, wait for and end.
package errgroup

import (
	"context"
	"sync"
)

type Group struct {
	running sync.WaitGroup
	first   sync.Once
	failure error
	end     func()
	places  chan struct{}
}

func WithContext(parent context.Context) (*Group, context.Context) {
	derived, cancel := context.WithCancel(parent)
	return &Group{end: cancel}, derived
}

func (g *Group) SetLimit(n int) {
	if n >= 0 {
		g.places = make(chan struct{}, n)
	}
}

func (g *Group) Go(task func() error) {
	if g.places != nil {
		g.places <- struct{}{}
	}
	g.start(task)
}

func (g *Group) TryGo(task func() error) bool {
	if g.places != nil {
		select {
		case g.places <- struct{}{}:
		default:
			return false
		}
	}
	g.start(task)
	return true
}

func (g *Group) start(task func() error) {
	g.running.Add(1)
	go func() {
		defer g.left()
		if failure := task(); failure != nil {
			g.first.Do(func() {
				g.failure = failure
				if g.end != nil {
					g.end()
				}
			})
		}
	}()
}

func (g *Group) left() {
	if g.places != nil {
		<-g.places
	}
	g.running.Done()
}

func (g *Group) Wait() error {
	g.running.Wait()
	if g.end != nil {
		g.end()
	}
	return g.failure
}
