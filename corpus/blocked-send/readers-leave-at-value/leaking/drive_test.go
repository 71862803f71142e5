package resize

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		go All(make([]Picture, 5), func(Picture) {})
	})
}
