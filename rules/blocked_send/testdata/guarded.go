// go 1.24

// A context is in scope of the send.
package p

import "context"

// Callers may stop reading.
func Numbers(ctx context.Context) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		for i := 0; ; i++ {
			out <- i // want "when the caller of .Numbers. stops receiving"
		}
	}()
	return out
}

type pair struct {
	left, right int
}

func Pairs(ctx context.Context, rights []int) <-chan pair {
	out := make(chan pair)
	go func() {
		defer close(out)
		for i, right := range rights {
			out <- pair{ // want "when the caller of .Pairs. stops receiving"
				left:  i,
				right: right,
			}
		}
		out <- pair{}
	}()
	return out
}

// Nothing to guard with.
func Alone(rights []int) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		for _, right := range rights {
			out <- right // want "when the caller of .Alone. stops receiving"
		}
	}()
	return out
}

// More than room could be made for.
func first(ctx context.Context, ids []int) int {
	found := make(chan int)
	for _, id := range ids {
		go func() {
			found <- id // want error "blocks for ever"
		}()
	}
	return <-found
}

// What is sent says that the context is done: it must not get lost.
func Result(ctx context.Context, done chan struct{}) <-chan error {
	out := make(chan error)
	go func() {
		select {
		case <-ctx.Done():
			out <- context.Cause(ctx) // want "when the caller of .Result. stops receiving"
		case <-done:
			out <- nil
		}
	}()
	return out
}
