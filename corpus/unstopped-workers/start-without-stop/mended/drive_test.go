package indexer

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		ix := New()
		ix.Start(4)
		defer ix.Close()
		ix.Add(Doc{1, "hill and river"})
	})
}
