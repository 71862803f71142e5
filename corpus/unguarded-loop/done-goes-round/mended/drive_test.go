package presence

import (
	"context"
	"log/slog"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		ctx, cancel := context.WithCancel(context.Background())
		published := make(chan int, 4)
		a := NewAnnouncer(slog.New(slog.DiscardHandler), func(b []string) { published <- len(b) })
		a.Serve(ctx)
		for _, user := range []string{"ada", "bob", "cy", "dee"} {
			a.Changed(user)
		}
		<-published
		cancel()
	})
}
