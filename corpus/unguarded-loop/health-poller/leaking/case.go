// Package health keeps the last known state of an upstream.
package health

import (
	"sync/atomic"
	"time"
)

type Checker struct {
	probe    func() error
	interval time.Duration
	healthy  atomic.Bool
}

func NewChecker(probe func() error, interval time.Duration) *Checker {
	return &Checker{probe: probe, interval: interval}
}

func (c *Checker) Start() {
	go poll(c)
}

func (c *Checker) Healthy() bool { return c.healthy.Load() }

func poll(c *Checker) {
	for {
		err := c.probe()
		c.healthy.Store(err == nil)
		time.Sleep(c.interval)
	}
}
