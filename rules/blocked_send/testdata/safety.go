// Room that is enough, and room that is not.
package p

import (
	"context"
	"errors"
	"sync"
)

func enough(ctx context.Context, work func() int) (int, error) {
	answers := make(chan int)
	go func() { answers <- work() }() // want error "this send" fix safe
	select {
	case n := <-answers:
		return n, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// One of the two is sent.
func eitherWay(ctx context.Context, work func() (int, error)) (int, error) {
	answers := make(chan int)
	go func() {
		n, err := work()
		if err != nil {
			answers <- 0
			return
		}
		answers <- n // want error "this send" fix safe
	}()
	select {
	case n := <-answers:
		return n, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// What follows the send may count on its having been received.
func handshake(ctx context.Context, begin, work func()) error {
	ready := make(chan struct{})
	go func() {
		begin()
		ready <- struct{}{} // want error "this send" fix unsafe
		work()
	}()
	select {
	case <-ready:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// The last word comes behind a stream on the same channel.
func afterAStream(ctx context.Context, next func() (int, error)) (sum int) {
	numbers := make(chan int)
	go func() {
		for {
			n, err := next()
			if err != nil {
				numbers <- -1 // want error "this send" fix unsafe
				return
			}
			select {
			case numbers <- n:
			case <-ctx.Done():
			}
		}
	}()
	for {
		select {
		case n := <-numbers:
			if n < 0 {
				return sum
			}
			sum += n
		case <-ctx.Done():
			return sum
		}
	}
}

// A callback sends as often as it is called.
func fromCallback(ctx context.Context, each func(func(int))) (int, error) {
	found := make(chan int)
	go func() {
		each(func(n int) { found <- n }) // todo want error "this send"
	}()
	select {
	case n := <-found:
		return n, nil
	case <-ctx.Done():
		return 0, errors.New("too late")
	}
}

// Started once for each item: the second send finds the room taken.
func each(ctx context.Context, items []int, work func(int) error) error {
	failed := make(chan error)
	var wg sync.WaitGroup
	for _, item := range items {
		wg.Add(1)
		go func() {
			defer wg.Done()
			failed <- work(item) // want "this send" fix unsafe
		}()
	}
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
