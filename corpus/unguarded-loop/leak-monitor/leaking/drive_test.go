package canary

import (
	"testing"
	"time"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		NewCanary(5*time.Millisecond, func(string) {})
		time.Sleep(20 * time.Millisecond)
	})
}
