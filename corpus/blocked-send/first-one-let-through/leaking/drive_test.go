package fetch

import (
	"testing"
	"time"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		late := make(chan struct{})
		slow := func() string {
			<-late
			return "slow"
		}
		_, _ = First([]func() string{slow, slow, slow}, time.Millisecond)
		close(late)
	})
}
