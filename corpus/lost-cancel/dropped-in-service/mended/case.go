// Package render renders pages one after the other.
package render

import (
	"context"
	"time"
)

// Service renders until its context is over.
type Service struct {
	ctx  context.Context
	beat func()
}

// New makes a service that calls beat while it renders.
func New(ctx context.Context, beat func()) *Service {
	return &Service{ctx: ctx, beat: beat}
}

// Render renders one page.
func (s *Service) Render(page func(ctx context.Context) string) string {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	go func() {
		t := time.NewTicker(10 * time.Millisecond)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
				s.beat()
			}
		}
	}()
	return page(ctx)
}
