package outbox

import (
	"context"
	"testing"
	"time"

	"goleash.test/judge"
)

type memory struct{ left int64 }

func (m *memory) Next() (int64, []byte, bool) { return m.left, []byte("m"), m.left > 0 }
func (m *memory) Done(int64)                  { m.left-- }

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		NewRelay(&memory{left: 3}, func([]byte) error { return nil }).Run(ctx)
		time.Sleep(20 * time.Millisecond)
	})
}
