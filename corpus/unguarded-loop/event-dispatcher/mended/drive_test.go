package dispatch

import (
	"context"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		got := make(chan Event, 1)
		d := New(ctx)
		d.Subscribe(func(ev Event) { got <- ev })
		d.Publish("order.created", []byte("42"))
		<-got
	})
}
