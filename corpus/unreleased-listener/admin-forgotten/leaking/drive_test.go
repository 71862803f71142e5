package node

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		n, err := New("127.0.0.1:0")
		if err != nil {
			t.Error(err)
			return
		}
		n.Close()
	})
}
