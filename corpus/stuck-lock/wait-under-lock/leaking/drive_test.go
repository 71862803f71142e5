package total

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		c := &Cart{}
		go c.Sum([]string{"tea", "milk"}, func(s string) int { return len(s) })
	})
}
