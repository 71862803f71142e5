package poll

import (
	"testing"
	"time"

	"goleash.test/judge"
)

type ready struct{}

func (ready) Ready() bool { return true }

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		go Wait(ready{}, time.Millisecond, 3)
	})
}
