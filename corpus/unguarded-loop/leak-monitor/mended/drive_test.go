package canary

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
		go Watch(ctx, 5*time.Millisecond, func(string) {})
		time.Sleep(20 * time.Millisecond)
	})
}
