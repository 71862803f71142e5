package alarm

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		if !new(Alarm).Arm(func() bool { return true }) {
			t.Error("not armed")
		}
	})
}
