// Package ticks counts in the background from the first call on.
package ticks

import (
	"sync"
	"sync/atomic"
	"time"
)

type Counter struct {
	once sync.Once
	n    atomic.Int64
	stop atomic.Bool
}

func (c *Counter) N() int64 {
	c.once.Do(func() {
		for {
			time.Sleep(time.Millisecond)
			c.n.Add(1)
		}
	})
	return c.n.Load()
}

func (c *Counter) Stop() { c.stop.Store(true) }
