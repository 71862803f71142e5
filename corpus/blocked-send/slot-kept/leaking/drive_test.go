package scan

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		s := New(func(name string) (int, error) {
			if name == "" {
				return 0, ErrTooLarge
			}
			return len(name), nil
		})
		_, _ = s.Size("")
		_, _ = s.Size("")
		go func() { _, _ = s.Size("a") }()
	})
}
