package meter

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		if Run("sum", []int{1, 2}) != nil || Run("count", []int{1, 2}) != nil {
			t.Error("run")
		}
		if Run("sum", []int{-1, 2, 3}) == nil || Run("count", []int{-1, 2, 3}) == nil {
			t.Error("run")
		}
	})
}
