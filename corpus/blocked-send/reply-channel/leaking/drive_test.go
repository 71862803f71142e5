package ledger

import (
	"context"
	"testing"
	"time"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		l := New(15 * time.Millisecond)
		defer l.Close()
		if c, err := l.Balance(context.Background(), "cash"); c != 500 || err != nil {
			t.Error(c, err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
		defer cancel()
		l.Balance(ctx, "cash")
	})
}
