package quota

import (
	"testing"
	"time"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		b := NewBucket(3, 5*time.Millisecond)
		defer b.Close()
		b.Take()
		time.Sleep(20 * time.Millisecond)
		b.Take()
	})
}
