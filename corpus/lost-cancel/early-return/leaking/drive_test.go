package session

import (
	"context"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		var p Pool
		if err := p.Run(2, func(context.Context) {}); err != nil {
			t.Error(err)
		}
		if err := p.Run(1, nil); err != ErrVersion {
			t.Error(err)
		}
	})
}
