package ticks

import (
	"testing"
	"time"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		c := new(Counter)
		go c.N()
		time.Sleep(5 * time.Millisecond)
		c.Stop()
	})
}
