package quote

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		e := Exchange{"ABC": 100}
		if e.Price("ABC") != 100 {
			t.Error("price")
		}
		go e.Price("XYZ")
	})
}
