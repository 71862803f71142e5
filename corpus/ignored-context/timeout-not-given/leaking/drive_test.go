package reports

import (
	"context"
	"testing"
	"time"

	"goleash.test/judge"
)

type slow struct{}

func (slow) Run(ctx context.Context, query string) ([]string, error) {
	select {
	case <-time.After(10 * time.Second):
		return []string{query}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		q := New(slow{}, 10*time.Millisecond)
		q.Rows(context.Background(), "select sum(cents) from sales")
	})
}
