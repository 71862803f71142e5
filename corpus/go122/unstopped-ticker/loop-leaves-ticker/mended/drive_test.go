package heartbeat

import (
	"context"
	"errors"
	"testing"
	"time"

	"goleash.test/judge"
)

type beats struct{ err error }

func (b beats) Beat(string) error { return b.err }

func TestScenario(t *testing.T) {
	judge.Timers(t, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		defer cancel()
		a := Run(ctx, beats{}, "w-1", time.Millisecond)
		b := Run(ctx, beats{errors.New("fenced")}, "w-2", time.Millisecond)
		<-a
		<-b
	})
}
