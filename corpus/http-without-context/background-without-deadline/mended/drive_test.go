package license

import (
	"testing"

	"goleash.test/judge"
	"goleash.test/judge/mute"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		m := NewManager(mute.HTTP())
		if _, err := m.Key(); err == nil {
			t.Error("a key from a mute server")
		}
	})
}
