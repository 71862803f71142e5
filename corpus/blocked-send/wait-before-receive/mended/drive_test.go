package lint

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		back := make(chan int, 1)
		go func() {
			back <- len(Documents(map[string]string{"a": "x", "b": "\t", "c": ""}))
		}()
	})
}
