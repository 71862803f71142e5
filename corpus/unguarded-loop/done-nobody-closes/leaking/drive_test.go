package session

import (
	"testing"
	"time"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		tab := NewTable(20 * time.Millisecond)
		tab.Touch("s-1")
		time.Sleep(15 * time.Millisecond)
		tab.Close()
	})
}
