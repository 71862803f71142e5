package spool

import (
	"testing"
	"time"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		s := Open(10, func() int64 { return 11 })
		defer s.Close()
		for s.Accepts() {
			time.Sleep(time.Millisecond)
		}
	})
}
