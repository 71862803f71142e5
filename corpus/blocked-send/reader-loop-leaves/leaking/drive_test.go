package metrics

import (
	"context"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		ctx, cancel := context.WithCancel(context.Background())
		ran := make(chan struct{})
		g := NewGatherer()
		go func() {
			defer close(ran)
			g.Run(ctx)
		}()
		g.add("login", 1)
		cancel()
		<-ran
		for range 4 {
			g.Timed("logout", func() {})
		}
	})
}
