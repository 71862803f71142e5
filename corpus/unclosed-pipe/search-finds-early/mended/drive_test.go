package search

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		lines := []string{"alpha", "beta", "gamma", "delta"}
		if !Contains(lines, "beta") {
			t.Error("beta is there")
		}
	})
}
