package links

import (
	"context"
	"testing"

	"goleash.test/judge"
	"goleash.test/judge/mute"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		mute := mute.HTTP()
		if dead := Check(context.Background(), []string{mute + "/a", mute + "/b"}); len(dead) != 2 {
			t.Error(dead)
		}
	})
}
