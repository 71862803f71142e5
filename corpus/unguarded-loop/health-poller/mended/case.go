// Package health keeps the last known state of an upstream.
package health

import (
	"sync"
	"sync/atomic"
	"time"
)

type Checker struct {
	probe    func() error
	interval time.Duration
	healthy  atomic.Bool
	once     sync.Once
	done     chan struct{}
}

func NewChecker(probe func() error, interval time.Duration) *Checker {
	return &Checker{probe: probe, interval: interval, done: make(chan struct{})}
}

func (c *Checker) Start() {
	go poll(c)
}

func (c *Checker) Stop() {
	c.once.Do(func() { close(c.done) })
}

func (c *Checker) Healthy() bool { return c.healthy.Load() }

func poll(c *Checker) {
	for {
		err := c.probe()
		c.healthy.Store(err == nil)
		select {
		case <-c.done:
			return
		case <-time.After(c.interval):
		}
	}
}
