package transcode

import (
	"context"
	"testing"
	"time"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		s := New(1, func(context.Context, string) error { return nil })
		s.slots <- struct{}{} // somebody else's video, which takes for ever
		judge.Keep(s)
		s.Convert(ctx, "a.mp4")
		s.Convert(ctx, "b.mp4")
		<-ctx.Done()
	})
}
