package audit

import (
	"io"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		l := NewLog(io.Discard)
		defer l.Close()
		l.Record("gita", "login")
	})
}
