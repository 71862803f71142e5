package ledger

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		if Sum([]string{"1", "2"}) != 3 {
			t.Error("sum")
		}
		go Sum([]string{"1", "x"})
	})
}
