package export

import (
	"testing"

	"goleash.test/judge"
)

type null struct{}

func (null) Write([]string) error { return nil }

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		Report(null{}, []Row{{"rent", 100}, {"tea", 3}})
		Report(null{}, []Row{{"rent", 100}, {"refund", -3}})
	})
}
