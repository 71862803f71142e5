package checkout

import (
	"testing"

	"goleash.test/judge"
)

type shelf struct{}

func (shelf) Reserve(items map[string]int) (string, error) { return "r-1", nil }

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		Place(shelf{}, Basket{Customer: "c-9", Items: map[string]int{"cup": 2}})
		Place(shelf{}, Basket{Items: map[string]int{"cup": 2}})
		Place(shelf{}, Basket{Customer: "c-9"})
	})
}
