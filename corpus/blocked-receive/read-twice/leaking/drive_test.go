package backup

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		if err := (&Store{Broken: true}).Run(); err == nil {
			t.Error("no error")
		}
		go (&Store{}).Run()
	})
}
