package health

import (
	"testing"
	"time"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		probed := make(chan bool, 1000)
		c := NewChecker(func() error { probed <- true; return nil }, 20*time.Millisecond)
		c.Start()
		defer c.Stop()
		<-probed
	})
}
