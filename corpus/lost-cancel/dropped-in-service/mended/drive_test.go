package render

import (
	"context"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	judge.Keep(cancel)
	judge.Goroutines(t, func() {
		s := New(ctx, func() {})
		for range 3 {
			if got := s.Render(func(context.Context) string { return "page" }); got != "page" {
				t.Error(got)
			}
		}
	})
}
