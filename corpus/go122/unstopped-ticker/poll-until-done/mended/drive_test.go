package jobs

import (
	"testing"
	"time"

	"goleash.test/judge"
)

type queue struct{}

func (queue) State(id string) string { return id }

func TestScenario(t *testing.T) {
	judge.Timers(t, func() {
		for i := 0; i < 3; i++ {
			Await(queue{}, "done", time.Millisecond)
			Await(queue{}, "failed", time.Millisecond)
		}
	})
}
