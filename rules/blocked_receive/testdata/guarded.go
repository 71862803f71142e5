// go 1.24

// A context is in scope of the receive.
package p

import (
	"context"
	"log"
)

func waits(ctx context.Context) {
	never := make(chan int)
	log.Print(len(never))
	go func() {
		<-never // want error "nothing sends on"
		log.Print("now")
	}()
}

func keeps(ctx context.Context) (n int, err error) {
	answer := make(chan int)
	go func() {
		if ctx.Err() != nil {
			return
		}
		answer <- 1
	}()
	n = <-answer // want error "if the goroutine leaves without sending"
	return n, nil
}
