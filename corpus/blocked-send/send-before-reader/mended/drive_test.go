package pipeline

import (
	"testing"

	"goleash.test/judge"
)

type count struct{ n int }

func (c *count) Encode(Chunk) { c.n++ }

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		Stream(&count{}, []byte("hdr"), [][]byte{[]byte("a"), []byte("b")}, func() {})
	})
}
