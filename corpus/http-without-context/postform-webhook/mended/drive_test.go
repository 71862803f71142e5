package webhook

import (
	"testing"

	"goleash.test/judge"
	"goleash.test/judge/mute"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		var h Hooks
		h.Register(mute.HTTP())
		h.Register(mute.HTTP())
		h.Fire(Event{"paid", "order-9"})
	})
}
