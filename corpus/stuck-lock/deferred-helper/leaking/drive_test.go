package registry

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		r := New()
		r.Add("a", func() {})
		go r.Rename("a", "b")
	})
}
