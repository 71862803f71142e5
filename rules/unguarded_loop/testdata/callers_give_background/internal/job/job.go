package job

import (
	"context"
	"time"
)

func base() context.Context { return context.Background() }

// Every is given a context that never ends by all that call it.
func Every(ctx context.Context, work func()) {
	go func() {
		for {
			select { // want error "loops for ever"
			case <-ctx.Done():
				return
			case <-time.After(time.Second):
				work()
			}
		}
	}()
}

// Some is given one that ends by one of its callers.
func Some(ctx context.Context, work func()) {
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Second):
				work()
			}
		}
	}()
}

func own(work func()) {
	ctx := base()
	go func() {
		for {
			select { // want error "loops for ever"
			case <-ctx.Done():
				return
			case <-time.After(time.Second):
				work()
			}
		}
	}()
}
