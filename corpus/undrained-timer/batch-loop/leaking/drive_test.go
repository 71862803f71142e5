package batch

import (
	"testing"
	"time"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		flushed := make(chan struct{}, 8)
		b := New(func([]int) {
			select {
			case flushed <- struct{}{}:
			default:
			}
		})
		go b.Run(time.Millisecond)
		<-flushed
		b.Add(1)
		b.Close()
	})
}
