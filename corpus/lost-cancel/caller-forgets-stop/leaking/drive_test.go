package lease

import (
	"context"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	judge.Keep(cancel)
	judge.Goroutines(t, func() {
		table := NewTable("b")
		if err := table.With(ctx, "a", func(context.Context) error { return nil }); err != nil {
			t.Error(err)
		}
		if err := table.With(ctx, "b", nil); err != ErrTaken {
			t.Error(err)
		}
	})
}
