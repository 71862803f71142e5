package inbox

import (
	"testing"
	"time"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		b := New()
		b.Put("a")
		if b.Take() != "a" {
			t.Error("take")
		}
		go b.Take()
		time.Sleep(20 * time.Millisecond)
		b.Close()
	})
}
