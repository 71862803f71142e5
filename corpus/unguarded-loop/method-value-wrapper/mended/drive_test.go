package flags

import (
	"context"
	"testing"
	"time"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		l := NewLoader(ctx, func() (Set, error) { return Set{"new-cart": true}, nil }, 15*time.Millisecond)
		for !l.Enabled("new-cart") {
			time.Sleep(time.Millisecond)
		}
	})
}
