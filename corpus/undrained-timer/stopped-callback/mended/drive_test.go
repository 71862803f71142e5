package guard

import (
	"testing"
	"time"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		called := make(chan struct{})
		g := New(time.Millisecond, func() { close(called) })
		go g.Run(func() { <-called })
	})
}
