package imports

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		if n := File("a\nb\nc\n", func(string) {}); n != 3 {
			t.Error(n)
		}
	})
}
