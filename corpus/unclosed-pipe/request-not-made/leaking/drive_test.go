package push

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		if err := Push("http://[::1", map[string]int{"hits": 4}); err == nil {
			t.Error("the address is no address")
		}
	})
}
