package pool

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		seen := make(chan int, 8)
		p := New(3, func(n int) { seen <- n })
		p.Do(7)
		<-seen
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
}
