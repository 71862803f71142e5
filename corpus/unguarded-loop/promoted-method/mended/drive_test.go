package poller

import (
	"testing"
	"time"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		fetched := make(chan bool, 1000)
		m := Open("inbox", 15*time.Millisecond, func() (int, error) { fetched <- true; return 0, nil })
		defer m.Close()
		<-fetched
	})
}
