package census

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		go Count(map[string]bool{"a": true, "b": false}, func(string) int { return 2 })
	})
}
