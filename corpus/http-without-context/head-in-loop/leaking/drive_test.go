package links

import (
	"testing"
	"time"

	"goleash.test/judge"
	"goleash.test/judge/mute"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		mute := mute.HTTP()
		go Check([]string{mute + "/a", mute + "/b"})
		time.Sleep(20 * time.Millisecond)
	})
}
