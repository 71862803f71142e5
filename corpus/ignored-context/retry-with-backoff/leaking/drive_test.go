package receipts

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"goleash.test/judge"
)

type full struct{}

func (full) Put(string, []byte) error { return errors.New("no space") }

func TestScenario(t *testing.T) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	judge.Goroutines(t, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
		defer cancel()
		NewService(full{}, 20*time.Millisecond).Issue(ctx, "A-17")
		<-ctx.Done()
	})
}
