package throttle

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Timers(t, func() {
		for i := 0; i < 4; i++ {
			Fetch([]string{"/a", "/b"}, func(string) {})
		}
	})
}
