// Package lease runs work under a lease that is renewed meanwhile.
package lease

import (
	"context"
	"errors"
	"time"
)

var ErrTaken = errors.New("lease: taken")

// Table holds the leases.
type Table struct{ taken map[string]bool }

// NewTable makes a table in which these names are taken.
func NewTable(taken ...string) *Table {
	t := &Table{taken: map[string]bool{}}
	for _, name := range taken {
		t.taken[name] = true
	}
	return t
}

func renew(ctx context.Context, every time.Duration) (context.Context, context.CancelFunc) {
	ctx, stop := context.WithCancel(ctx)
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(every):
			}
		}
	}()
	return ctx, stop
}

// With runs the work if the lease can be had.
func (t *Table) With(ctx context.Context, name string, work func(context.Context) error) error {
	ctx, stop := renew(ctx, 10*time.Millisecond)
	defer stop()
	if t.taken[name] {
		return ErrTaken
	}
	return work(ctx)
}
