package geo

import (
	"testing"
	"time"

	"goleash.test/judge"
)

type slow struct{}

func (slow) Resolve(string) (Place, error) {
	time.Sleep(30 * time.Millisecond)
	return Place{27.7, 85.3}, nil
}

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		if _, err := Locate(slow{}, "Thamel", 5*time.Millisecond); err != ErrSlow {
			t.Error(err)
		}
	})
}
