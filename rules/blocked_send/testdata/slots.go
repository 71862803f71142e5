package a

import (
	"context"
	"errors"
)

func cost(item int) int { return item }

// A goroutine gives back what was taken for it, but not on this way out.

func leavesEarly(items []int) {
	sem := make(chan struct{}, 3)
	for _, item := range items {
		sem <- struct{}{} // want error "once all slots of `sem` are kept: a way out of leavesEarly.func1 keeps one"
		go func() {
			if item < 0 {
				return
			}
			cost(item)
			<-sem
		}()
	}
}

func deferred(items []int) {
	sem := make(chan struct{}, 3)
	for _, item := range items {
		sem <- struct{}{}
		go func() {
			defer func() { <-sem }()
			if item < 0 {
				return
			}
			cost(item)
		}()
	}
}

// The goroutine takes its slot itself.

func takesItself(items []int) {
	sem := make(chan struct{}, 3)
	for _, item := range items {
		go func() {
			sem <- struct{}{} // want error "a way out of takesItself.func1 keeps one"
			if cost(item) < 0 {
				return
			}
			<-sem
		}()
	}
}

// A round goes on without the goroutine that would give it back.

func skips(ctx context.Context, items []int) error {
	sem := make(chan struct{}, 3)
	for _, item := range items {
		select {
		case sem <- struct{}{}: // want error "a round of this loop of skips keeps one"
		case <-ctx.Done():
			return ctx.Err()
		}
		if item < 0 {
			continue
		}
		go func() {
			defer func() { <-sem }()
			cost(item)
		}()
	}
	return nil
}

// As many slots as items.

func roomForAll(items []int) {
	sem := make(chan struct{}, len(items))
	for _, item := range items {
		sem <- struct{}{}
		go func() {
			if item < 0 {
				return
			}
			<-sem
		}()
	}
}

// Who makes it leaves for good with the last slot.

func fails(items []int) error {
	sem := make(chan struct{}, 3)
	for _, item := range items {
		sem <- struct{}{}
		if item < 0 {
			return errors.New("negative")
		}
		go func() {
			defer func() { <-sem }()
			cost(item)
		}()
	}
	return nil
}

// How many there are is not said.

func someRoom(items []int, workers int) {
	sem := make(chan struct{}, workers)
	for _, item := range items {
		sem <- struct{}{} // want warning "once all slots of `sem` are kept"
		go func() {
			if item < 0 {
				return
			}
			<-sem
		}()
	}
}

// A field is used as often as anybody calls.

type limited struct{ sem chan struct{} }

func newLimited() *limited { return &limited{sem: make(chan struct{}, 8)} }

func (l *limited) do(item int) error {
	l.sem <- struct{}{} // want error "once all slots of `l.sem` are kept: a way out of .*do keeps one"
	if item < 0 {
		return errors.New("negative")
	}
	cost(item)
	<-l.sem
	return nil
}

type careful struct{ sem chan struct{} }

func newCareful() *careful { return &careful{sem: make(chan struct{}, 8)} }

func (l *careful) do(item int) error {
	l.sem <- struct{}{}
	defer func() { <-l.sem }()
	if item < 0 {
		return errors.New("negative")
	}
	return nil
}

// A pair of functions, and one that is handed what gives back.

type pool struct{ sem, other chan struct{} }

func newPool() *pool { return &pool{sem: make(chan struct{}, 8), other: make(chan struct{}, 8)} }

func (p *pool) enter(item int) error {
	p.sem <- struct{}{}
	if item < 0 {
		<-p.sem
		return errors.New("negative")
	}
	return nil
}

func (p *pool) leave() { <-p.sem }

func (p *pool) lend(item int) (func(), error) {
	p.other <- struct{}{}
	if item < 0 {
		<-p.other
		return nil, errors.New("negative")
	}
	return func() { <-p.other }, nil
}

// All slots are taken at the end to wait for everybody.

func waitsForAll(items []int) {
	sem := make(chan struct{}, 4)
	for _, item := range items {
		sem <- struct{}{}
		go func() {
			defer func() { <-sem }()
			cost(item)
		}()
	}
	for range cap(sem) {
		sem <- struct{}{}
	}
}

// A signal of the end is no slot.

func signals(items []int) {
	done := make(chan struct{}, len(items))
	for _, item := range items {
		go func() {
			if item < 0 {
				done <- struct{}{}
				return
			}
			cost(item)
			done <- struct{}{}
		}()
	}
	for range items {
		<-done
	}
}
