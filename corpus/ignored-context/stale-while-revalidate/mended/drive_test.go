package catalog

import (
	"context"
	"testing"
	"time"

	"goleash.test/judge"
)

type hung struct{}

func (hung) Fetch(ctx context.Context, _ string) (Article, error) {
	select {
	case <-time.After(10 * time.Second):
		return Article{}, nil
	case <-ctx.Done():
		return Article{}, ctx.Err()
	}
}

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		c := NewCache(hung{}, time.Minute)
		c.Put(Article{"k-1", "Kettle"}, time.Now().Add(-time.Hour))
		if a, err := c.Get(ctx, "k-1"); err != nil || a.Title != "Kettle" {
			t.Error(a, err)
		}
	})
}
