package directory

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Timers(t, func() {
		d := New(func(name string) <-chan string {
			c := make(chan string, 1)
			c <- name + ".example"
			return c
		})
		for i := 0; i < 6; i++ {
			d.Find("printer")
		}
	})
}
