package preview

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		s := NewServer()
		defer s.Close()
		if s.Preview("x") != "<p>x</p>" {
			t.Error("no preview")
		}
	})
}
