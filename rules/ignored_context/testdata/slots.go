package p

import (
	"context"
	"sync"
)

type converter struct {
	slots   chan struct{}
	convert func(ctx context.Context, video string) error
	mu      sync.Mutex
	seen    map[string]bool
}

func newConverter(n int) *converter { return &converter{slots: make(chan struct{}, n)} }

func (c *converter) start(ctx context.Context, video string) {
	go func() {
		c.slots <- struct{}{} // want warning "neither `ctx` nor a time limit bounds the wait for a free slot"
		defer func() { <-c.slots }()
		_ = c.convert(ctx, video)
	}()
}

func (c *converter) guarded(ctx context.Context, video string) {
	go func() {
		select {
		case c.slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		defer func() { <-c.slots }()
		_ = c.convert(ctx, video)
	}()
}

// Slots that are kept for a moment only.
func (c *converter) mark(ctx context.Context, video string) {
	go func() {
		c.slots <- struct{}{}
		c.mu.Lock()
		c.seen[video] = true
		c.mu.Unlock()
		<-c.slots
	}()
}
