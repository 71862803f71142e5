package accounts

import (
	"context"
	"errors"
	"testing"
	"time"

	"goleash.test/judge"
)

type late struct{}

func (late) Query(account string) (int64, error) {
	time.Sleep(20 * time.Millisecond)
	if account == "closed" {
		return 0, errors.New("no such account")
	}
	return 1200, nil
}

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
		defer cancel()
		s := NewStore(late{})
		s.Balance(ctx, "open")
		s.Balance(ctx, "closed")
	})
}
