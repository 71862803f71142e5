package survey

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		go Count([]string{"a", "b"}, func(string) bool { return true })
	})
}
