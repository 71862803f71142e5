package cache

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		go New(4).Set("a", "1")
	})
}
