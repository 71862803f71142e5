// go 1.24

// One late send: room for it is the mend.
package p

import (
	"context"
	"errors"
)

func ask(ctx context.Context) (int, error) {
	answer := make(chan int)
	go func() {
		answer <- 42 // want error "blocks for ever"
	}()
	select {
	case n := <-answer:
		return n, nil
	case <-ctx.Done():
		return 0, errors.New("gone")
	}
}
