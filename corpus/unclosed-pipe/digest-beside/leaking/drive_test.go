package digest

import (
	"errors"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		parts := [][]byte{[]byte("one"), nil}
		_, err := Sum(parts, func(p []byte) error {
			if len(p) == 0 {
				return errors.New("empty part")
			}
			return nil
		})
		if err == nil {
			t.Error("the second part is empty")
		}
	})
}
