package notify

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		s := NewSaver()
		s.Save("plan.md", "# plan")
	})
}
