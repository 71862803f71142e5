package tail

import (
	"strconv"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		lines := make(chan string, 3)
		f := NewFollower(
			func(n int) (string, bool) { return "record " + strconv.Itoa(n), n < 3 },
			func(s string) { lines <- s },
		)
		f.Start()
		<-lines
		f.Stop()
	})
}
