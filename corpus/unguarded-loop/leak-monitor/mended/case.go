// Package canary watches the number of goroutines and raises an alarm.
package canary

import (
	"context"
	"fmt"
	"runtime"
	"time"
)

const window = 6

type Canary struct {
	base   int
	recent []int
	alarm  func(string)
}

// Watch blocks until ctx ends: the caller decides where it runs.
func Watch(ctx context.Context, every time.Duration, alarm func(string)) {
	c := &Canary{base: runtime.NumGoroutine(), alarm: alarm}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			c.sample(runtime.NumGoroutine())
		}
	}
}

func (c *Canary) sample(n int) {
	c.recent = append(c.recent, n)
	if len(c.recent) > window {
		c.recent = c.recent[len(c.recent)-window:]
	}
	if c.rising() && n > 3*c.base {
		c.alarm(fmt.Sprintf("%d goroutines, %d at the start", n, c.base))
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
