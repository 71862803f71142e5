package dispatch

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		got := make(chan Event, 1)
		d := New()
		d.Subscribe(func(ev Event) { got <- ev })
		d.Publish("order.created", []byte("42"))
		<-got
	})
}
