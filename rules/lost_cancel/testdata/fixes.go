package fixes

import (
	"context"
	"time"
)

func use(ctx context.Context) error { return ctx.Err() }

func blank(parent context.Context) error {
	ctx, _ := context.WithCancel(parent) // want error "dropped"
	return use(ctx)
}

func taken(parent context.Context, cancel bool) error {
	ctx, _ := context.WithTimeout(parent, time.Hour) // want warning "dropped"
	if cancel {
		return nil
	}
	return use(ctx)
}

func early(parent context.Context) error {
	ctx, cancel := context.WithCancel(parent) // want error "every way out"
	if err := use(ctx); err != nil {
		return err
	}
	cancel()
	return nil
}

func withCause(parent context.Context) error {
	ctx, cancel := context.WithCancelCause(parent) // want error "never called"
	_ = cancel
	return use(ctx)
}

// Deferring it would end what the caller gets.
func outlives(parent context.Context) context.Context {
	ctx, _ := context.WithCancel(parent) // want error "dropped"
	return ctx
}

// The value may hang on the context: the fix is no safe one.
func mayHang(parent context.Context) any {
	ctx, _ := context.WithCancel(parent) // want error "dropped"
	return connect(ctx)
}

func connect(ctx context.Context) any { return ctx }
