package stock

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		s := NewShelf()
		_ = s.Take("tea")
		go func() { _ = s.Take("tea") }()
	})
}
