// Package canary watches the number of goroutines and raises an alarm.
package canary

import (
	"fmt"
	"runtime"
	"time"
)

const window = 6

type Canary struct {
	base   int
	recent []int
	alarm  func(string)
	tick   *time.Ticker
}

// NewCanary begins to watch at once.
func NewCanary(every time.Duration, alarm func(string)) *Canary {
	c := &Canary{
		base:  runtime.NumGoroutine(),
		alarm: alarm,
		tick:  time.NewTicker(every),
	}
	go c.watch()
	return c
}

func (c *Canary) watch() {
	for range c.tick.C {
		n := runtime.NumGoroutine()
		c.recent = append(c.recent, n)
		if len(c.recent) > window {
			c.recent = c.recent[len(c.recent)-window:]
		}
		if c.rising() && n > 3*c.base {
			c.alarm(fmt.Sprintf("%d goroutines, %d at the start", n, c.base))
		}
	}
}

func (c *Canary) rising() bool {
	for i := 1; i < len(c.recent); i++ {
		if c.recent[i] <= c.recent[i-1] {
			return false
		}
	}
	return len(c.recent) == window
}
