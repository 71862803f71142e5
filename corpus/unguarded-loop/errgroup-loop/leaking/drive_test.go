package replica

import (
	"context"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		pulled := make(chan string, 1000)
		pull := func(_ context.Context, region string, since int64) (int64, error) {
			pulled <- region
			return since + 1, nil
		}
		go Sync(ctx, pull, []string{"eu", "ap", "us"})
		for range 6 {
			<-pulled
		}
	})
}
