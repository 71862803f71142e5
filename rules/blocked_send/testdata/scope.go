// All waits of a goroutine end with one context, or none does: it must be in scope at each.
package p

import "context"

func stream(n int, quick bool) int {
	out := make(chan int)
	go func() {
		if quick {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			for i := range n {
				out <- i
			}
			_ = ctx
			return
		}
		for i := range n {
			out <- -i // want "this send" fix none
		}
	}()
	return <-out
}
