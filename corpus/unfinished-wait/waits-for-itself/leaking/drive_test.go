package relay

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		Run([]string{"m"}, func(string) {})
	})
}
