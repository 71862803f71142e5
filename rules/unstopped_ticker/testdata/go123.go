// go 1.23

// From this version on what nobody refers to is collected.
package p

import (
	"context"
	"time"
)

func ticker(ctx context.Context) {
	t := time.NewTicker(time.Second) // want note "ticker t is never stopped, though the garbage collector frees it from Go 1.23 on"
	for {
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		}
	}
}

// The goroutine waits for ever, in every version: rule unguarded-loop says so.
func waits() {
	t := time.NewTicker(time.Second)
	go func() {
		for range t.C {
		}
	}()
}

func timer(ctx context.Context) {
	t := time.NewTimer(time.Hour)
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

func after(in chan int) {
	for {
		select {
		case <-in:
		case <-time.After(time.Hour):
		}
	}
}
