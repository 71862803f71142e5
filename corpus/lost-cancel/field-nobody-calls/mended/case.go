// Package feed hands out the entries of a feed.
package feed

import (
	"context"
	"sync/atomic"
)

// Feed reads entries until it is closed.
type Feed struct {
	ctx    context.Context
	cancel context.CancelFunc
	closed atomic.Bool
	seen   atomic.Int64
}

// Open begins to read.
func Open(ctx context.Context, entries <-chan string) *Feed {
	f := &Feed{}
	f.ctx, f.cancel = context.WithCancel(ctx)
	go f.read(entries)
	return f
}

func (f *Feed) read(entries <-chan string) {
	for {
		select {
		case <-f.ctx.Done():
			return
		case <-entries:
			f.seen.Add(1)
		}
	}
}

// Close ends the feed.
func (f *Feed) Close() {
	f.closed.Store(true)
	f.cancel()
}
