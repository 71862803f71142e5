package ledger

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		l := New(map[string]int{"ada": 5})
		go l.Book([]Payment{{"bob", 1}, {"ada", 2}})
	})
}
