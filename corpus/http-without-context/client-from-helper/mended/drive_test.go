package billing

import (
	"testing"
	"time"

	"goleash.test/judge"
	"goleash.test/judge/mute"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		b := NewBooker(mute.HTTP())
		go b.Usage("c-1")
		time.Sleep(20 * time.Millisecond)
	})
}
