package serve

import (
	"context"
	"errors"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		err := Run(context.Background(), "127.0.0.1:0", func() error { return errors.New("no licence") })
		if err == nil {
			t.Error("it was not ready")
		}
	})
}
