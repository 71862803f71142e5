package merge

import (
	"testing"

	"goleash.test/judge"
)

func stream(levels ...string) <-chan Log {
	c := make(chan Log, len(levels))
	for _, l := range levels {
		c <- Log{Level: l}
	}
	close(c)
	return c
}

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		if _, ok := FirstError(stream("error", "error"), stream("error", "error")); !ok {
			t.Error("no error found")
		}
	})
}
