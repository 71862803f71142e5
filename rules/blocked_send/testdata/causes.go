package a

import (
	"context"
	"errors"
)

func load() error

// One cause: on the way out at the end of the context neither answer is read.

func oneWayOut(ctx context.Context) {
	res := make(chan string)
	failed := make(chan error)
	go func() {
		if err := load(); err != nil {
			failed <- err
			return
		}
		res <- "done" // want "blocks for ever if `oneWayOut` leaves without receiving from `res`"
	}()
	select {
	case <-res:
	case <-failed:
	case <-ctx.Done():
	}
}

// Two: that way out, and a missing return after the first answer. Mending one leaves the other.

func noReturn(ctx context.Context) {
	res := make(chan string)
	failed := make(chan error)
	go func() {
		if err := load(); err != nil {
			failed <- err // want "blocks for ever if `noReturn` leaves without receiving from `failed`"
		}
		res <- "done" // want "blocks for ever if `noReturn` leaves without receiving from `res`"
	}()
	select {
	case <-res:
	case <-failed:
	case <-ctx.Done():
	}
}

func noReturnEither(ctx context.Context) error {
	res := make(chan string)
	failed := make(chan error, 1)
	go func() {
		if err := load(); err != nil {
			failed <- errors.Join(err, ctx.Err())
		}
		res <- "done" // want "blocks for ever if `noReturnEither` leaves without receiving from `res`"
	}()
	select {
	case <-res:
		return nil
	case err := <-failed:
		return err
	}
}

// It waits for `results` before it comes to its send, and the way out that forgets the one forgets the other: one cause, told there.
func gather(results chan error, errs chan<- error) {
	var all []error
	defer func() {
		errs <- errors.Join(all...)
		close(errs)
	}()
	for e := range results {
		all = append(all, e)
	}
}

func renderAll(pages []int) error {
	results, errs := make(chan error), make(chan error)
	go gather(results, errs)
	if len(pages) == 0 {
		return errors.New("nothing to render")
	}
	for range pages {
		results <- nil
	}
	close(results)
	return <-errs
}
