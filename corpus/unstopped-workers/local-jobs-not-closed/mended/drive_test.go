package resize

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		Batch([]Picture{{"a", []byte{1, 2}}, {"b", []byte{1, 2}}, {"c", []byte{1, 2}}})
	})
}
