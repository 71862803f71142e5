package thumbs

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		go All([]string{"a.png", "b.svg"}, func(s string) string { return s })
	})
}
