package bus

import (
	"testing"

	"goleash.test/judge"
	"goleash.test/judge/mute"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		c, err := Connect(mute.TCP(), func(string, string) {})
		if err != nil {
			t.Error(err)
			return
		}
		c.Publish("news", "hello")
	})
}
