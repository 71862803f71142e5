package jobs

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		n := 0
		All([]string{"lint", "test"}, func(string) { n++ })
		if n != 2 {
			t.Error("two jobs")
		}
	})
}
