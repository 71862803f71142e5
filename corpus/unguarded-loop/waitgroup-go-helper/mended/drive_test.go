package ingest

import (
	"errors"
	"sync/atomic"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		var n atomic.Int32
		stored := make(chan Reading, 1000)
		in := New(func(s string) (Reading, error) {
			if n.Add(1) == 1 {
				return Reading{}, errors.New("not ready")
			}
			return Reading{s, 20.5}, nil
		}, func(r Reading) { stored <- r })
		in.Follow("roof", "cellar")
		defer in.Stop()
		<-stored
	})
}
