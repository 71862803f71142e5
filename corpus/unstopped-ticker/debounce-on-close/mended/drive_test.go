package autosave

import (
	"testing"
	"time"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Timers(t, func() {
		saved := ""
		s := New(func(text string) { saved = text }, time.Hour)
		s.Changed("a")
		s.Changed("ab")
		s.Close()
		if saved != "ab" {
			t.Error(saved)
		}
	})
}
