package translate

import (
	"context"
	"testing"
	"time"

	"goleash.test/judge"
	"goleash.test/judge/mute"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
		defer cancel()
		s := New(mute.HTTP())
		go s.Text(ctx, "नमस्ते")
		<-ctx.Done()
	})
}
