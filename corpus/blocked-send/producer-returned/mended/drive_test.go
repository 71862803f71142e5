package search

import (
	"strings"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		First(strings.NewReader("asha\nbina\nchandra\ndipa\n"), "b")
	})
}
