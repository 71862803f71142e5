package avatar

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		if _, _, err := Size([]byte("GIF89a")); err == nil {
			t.Error("no error")
		}
	})
}
