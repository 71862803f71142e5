// go 1.24

// Types whose goroutines only a method of theirs ends, and their owners.
package p

import (
	"context"
	"errors"
)

type engine struct {
	in     chan int
	quit   chan struct{}
	cancel context.CancelFunc
}

func newEngine() *engine {
	ctx, cancel := context.WithCancel(context.Background())
	e := &engine{in: make(chan int), quit: make(chan struct{}), cancel: cancel}
	go e.run(ctx)
	return e
}

func (e *engine) run(ctx context.Context) {
	for {
		select {
		case n := <-e.in:
			println(n)
		case <-e.quit:
			return
		case <-ctx.Done():
			return
		}
	}
}

func (e *engine) Stop() {
	e.cancel()
	close(e.quit)
}

func forgets(list []int) {
	e := newEngine() // want error "`forgets` can leave without calling `Stop`"
	for _, n := range list {
		e.in <- n
	}
}

func drops() {
	newEngine() // want error "`drops` can leave without calling `Stop`"
}

func oneWayOut(list []int) error {
	e := newEngine() // want error "`oneWayOut` can leave without calling `Stop`"
	for _, n := range list {
		if n < 0 {
			return errors.New("negative")
		}
		e.in <- n
	}
	e.Stop()
	return nil
}

type host struct {
	e *engine
}

func newHost() *host {
	return &host{e: newEngine()} // want error "nothing calls `Stop` on host.e"
}

func (h *host) Close() {}

// From here on the owner stops it, or hands it on.

func stops(list []int) {
	e := newEngine()
	defer e.Stop()
	for _, n := range list {
		e.in <- n
	}
}

func stopsInLiteral() {
	e := newEngine()
	defer func() { e.Stop() }()
	e.in <- 1
}

func gives() *engine {
	e := newEngine()
	e.in <- 1
	return e
}

func hands(f func(*engine)) {
	e := newEngine()
	f(e)
}

type careful struct {
	e *engine
}

func newCareful() *careful {
	return &careful{e: newEngine()}
}

func (c *careful) Close() { c.e.Stop() }

var global = newEngine()

func openEngine(ok bool) (*engine, error) {
	if !ok {
		return nil, errors.New("no")
	}
	return newEngine(), nil
}

// What ends it need not be a method: the owner closes the channel by hand, or gets a function that does.

func closesByHand() {
	e := newEngine()
	defer close(e.quit)
	e.in <- 1
}

func startEngine() (*engine, func()) {
	e := newEngine()
	return e, e.Stop
}

func callsWhatItGot() {
	e, stop := startEngine()
	defer stop()
	e.in <- 1
}

func checkedEngine(n int) (*engine, error) {
	e := &engine{in: make(chan int), quit: make(chan struct{})}
	if n < 0 {
		return nil, errors.New("negative")
	}
	go e.run(context.Background())
	return e, nil
}

func mustFail(err error) {
	if err == nil {
		panic("it did not fail")
	}
}

func expectsTheError() {
	_, err := checkedEngine(-1)
	mustFail(err)
}

func forgetsTheValue() error {
	_, err := checkedEngine(1) // want error "`forgetsTheValue` can leave without calling `Stop`"
	if err != nil {
		return err
	}
	return nil
}
