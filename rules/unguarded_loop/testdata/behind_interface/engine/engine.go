package engine

import (
	"context"
	"time"
)

// Runner runs.
type Runner interface {
	Run(ctx context.Context)
	Name() string
}

// Poller is the only one.
type Poller struct{}

// Run never ends.
func (p *Poller) Run(ctx context.Context) {
	for {
		time.Sleep(time.Second)
	}
}

// Name tells its name.
func (p *Poller) Name() string { return "poller" }

// Ender has two of its kind.
type Ender interface {
	Serve(ctx context.Context)
}

// Good ends.
type Good struct{}

// Serve ends with the context.
func (g *Good) Serve(ctx context.Context) { <-ctx.Done() }

// Bad does not.
type Bad struct{}

// Serve never ends.
func (b *Bad) Serve(ctx context.Context) {
	for {
		time.Sleep(time.Second)
	}
}
