package deploy

import (
	"context"
	"io"
	"log"
	"testing"
	"time"

	"goleash.test/judge"
)

type broken struct{}

func (broken) Apply(context.Context, string, string) error { return nil }
func (broken) Ready(string, string) bool                   { return false }

func TestScenario(t *testing.T) {
	log.SetOutput(io.Discard)
	judge.Goroutines(t, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		d := New(broken{}, func(string, string) {})
		if err := d.Deploy(ctx, "shop", "v2"); err != nil {
			t.Error(err)
		}
		<-ctx.Done()
	})
}
