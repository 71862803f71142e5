package hub

import (
	"testing"
	"time"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		h := New()
		done := make(chan struct{})
		go func() {
			h.Emit("a", "b", "c")
			h.Close()
			close(done)
		}()
		select {
		case <-done:
		case <-time.After(20 * time.Millisecond):
		}
	})
}
