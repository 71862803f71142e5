package parcel

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		if Ship(nil, func() (string, error) { return "", nil }) == nil {
			t.Error("no error")
		}
	})
}
