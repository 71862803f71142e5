// Package heartbeat tells a coordinator that a worker is alive.
package heartbeat

import (
	"context"
	"time"
)

type Coordinator interface {
	Beat(worker string) error
}

// Run beats until ctx ends; the channel is closed then.
func Run(ctx context.Context, c Coordinator, worker string, every time.Duration) <-chan struct{} {
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		heartbeat := time.NewTicker(every)
		for {
			select {
			case <-ctx.Done():
				return
			case <-heartbeat.C:
				if err := c.Beat(worker); err != nil {
					return
				}
			}
		}
	}()
	return gone
}
