package buffer

import (
	"testing"
	"time"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		b := New()
		b.Drain(func(string) {})
		time.Sleep(20 * time.Millisecond)
		b.Put("a")
		b.Put("")
	})
}
