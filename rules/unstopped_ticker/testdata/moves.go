// go 1.22

// Tickers that go to another owner.
package p

import (
	"context"
	"sync"
	"time"
)

// New is for other packages: they owe the Stop.
func New() *time.Ticker {
	return time.NewTicker(time.Second)
}

func forCallers() *time.Ticker {
	t := time.NewTicker(time.Second) // want error "ticker t is never stopped"
	return t
}

func goodCaller() {
	t := forGoodCallers()
	defer t.Stop()
	<-t.C
}

func forGoodCallers() *time.Ticker { return time.NewTicker(time.Second) }

func badCaller() {
	t := forCallers()
	<-t.C
}

func withError(ok bool) (*time.Ticker, error) {
	if !ok {
		return nil, context.Canceled
	}
	return time.NewTicker(time.Second), nil
}

func usesWithError() error {
	t, err := withError(true)
	if err != nil {
		return err
	}
	defer t.Stop()
	<-t.C
	return nil
}

func stopFunction() func() {
	t := time.NewTicker(time.Second)
	return func() { t.Stop() }
}

func stopMethodValue() func() {
	t := time.NewTicker(time.Second)
	return t.Stop
}

func inGoroutine(ctx context.Context) {
	t := time.NewTicker(time.Second)
	go func() {
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
			}
		}
	}()
}

func goroutineForgets(ctx context.Context) {
	t := time.NewTicker(time.Second) // want error "ticker t is never stopped"
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
			}
		}
	}()
}

func goroutineForgetsOneWay(ctx context.Context, quit chan bool) {
	t := time.NewTicker(time.Second) // want error "ticker t is not stopped on every way out of goroutineForgetsOneWay.func1"
	go func() {
		for {
			select {
			case <-ctx.Done():
				t.Stop()
				return
			case <-quit:
				return
			case <-t.C:
			}
		}
	}()
}

// The goroutine waits for ever: that is for rule unguarded-loop.
func goroutineStays() {
	t := time.NewTicker(time.Second)
	go func() {
		for range t.C {
		}
	}()
}

func handedToFunction() {
	t := time.NewTicker(time.Second)
	run(t)
}

func run(t *time.Ticker) {
	defer t.Stop()
	<-t.C
}

func handedToUser() {
	t := time.NewTicker(time.Second) // want error "ticker t is never stopped"
	use(t)
}

func use(t *time.Ticker) { <-t.C }

func handedToGoroutine() {
	t := time.NewTicker(time.Second)
	go run(t)
}

func handedToUserGoroutine() {
	t := time.NewTicker(time.Second) // want error "ticker t is never stopped"
	go use(t)
}

func sent(ch chan *time.Ticker) {
	t := time.NewTicker(time.Second)
	ch <- t
}

func collected(n int) {
	var all []*time.Ticker
	for range n {
		all = append(all, time.NewTicker(time.Second))
	}
	for _, t := range all {
		t.Stop()
	}
}

func once() {
	t := time.NewTicker(time.Second)
	var o sync.Once
	stop := func() { o.Do(t.Stop) }
	defer stop()
	<-t.C
}

func calledClosure() {
	t := time.NewTicker(time.Second)
	cleanup := func() { t.Stop() }
	<-t.C
	cleanup()
}

func closureOnSomeWay(bad bool) {
	t := time.NewTicker(time.Second) // want error "not stopped on every way out"
	cleanup := func() { t.Stop() }
	<-t.C
	if bad {
		return
	}
	cleanup()
}

func throughContext(ctx context.Context) {
	t := time.NewTicker(time.Second)
	context.AfterFunc(ctx, func() { t.Stop() })
	<-t.C
}

func throughParameter(f func(*time.Ticker)) {
	t := time.NewTicker(time.Second)
	f(t)
}
