package bank

import (
	"testing"
	"time"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		both := make(chan struct{}, 2)
		// Each waits a while for the other to hold its first lock too.
		b := New(func() {
			both <- struct{}{}
			for i := 0; i < 40 && len(both) < 2; i++ {
				time.Sleep(time.Millisecond)
			}
		})
		go b.Deposit(5)
		go b.Check()
	})
}
