package intake

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		d := &Desk{Weighs: func(s string) int { return len(s) }}
		d.Accept("x")
		d.Accept("")
		go d.Close()
	})
}
