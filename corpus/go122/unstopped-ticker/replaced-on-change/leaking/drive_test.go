package schedule

import (
	"testing"
	"time"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Timers(t, func() {
		s := New(time.Millisecond)
		defer s.Stop()
		for i := 2; i < 5; i++ {
			s.Next()
			s.SetInterval(time.Duration(i) * time.Millisecond)
		}
	})
}
