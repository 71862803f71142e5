// go 1.22

// Timers let go by themselves, sooner or later.
package p

import (
	"context"
	"time"
)

func fired() {
	t := time.NewTimer(time.Hour)
	<-t.C
}

func firedOrStopped(ctx context.Context) {
	t := time.NewTimer(time.Hour)
	select {
	case <-t.C:
	case <-ctx.Done():
		t.Stop()
	}
}

func long(ctx context.Context) {
	t := time.NewTimer(time.Hour) // want warning "timer t is not stopped on every way out of long"
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

func short(ctx context.Context) {
	t := time.NewTimer(100 * time.Millisecond) // want note "timer t is not stopped"
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

const limit = 10 * time.Minute

func named(ctx context.Context) {
	t := time.NewTimer(2 * limit) // want warning "timer t is not stopped"
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

func afterInLoop(in chan int) {
	for {
		select {
		case _, ok := <-in:
			if !ok {
				return
			}
		case <-time.After(time.Hour): // want warning "each round of the loop leaves a timer behind"
			return
		}
	}
}

func shortAfterInLoop(in chan int) {
	for {
		select {
		case <-in:
		case <-time.After(time.Second): // want note "each round of the loop leaves a timer behind"
		}
	}
}

func afterWaited(n int) {
	for range n {
		<-time.After(time.Hour)
	}
}

func afterOnce(in chan int) {
	select {
	case <-in:
	case <-time.After(time.Hour):
	}
}

// The select is in a loop, and the other case leaves it.
func afterThenLeaves(in chan int) int {
	for {
		select {
		case v := <-in:
			return v
		case <-time.After(time.Hour):
		}
	}
}
