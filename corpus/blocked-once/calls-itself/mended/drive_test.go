package settings

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		go func() { _ = new(Settings).Get("home") }()
	})
}
