package mirror

import (
	"context"
	"errors"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	judge.Keep(cancel)
	judge.Goroutines(t, func() {
		down := func(context.Context) (string, error) { return "", errors.New("down") }
		up := func(context.Context) (string, error) { return "text", nil }
		got, err := Get(ctx, []func(context.Context) (string, error){down, down, up})
		if err != nil || got != "text" {
			t.Error(got, err)
		}
	})
}
