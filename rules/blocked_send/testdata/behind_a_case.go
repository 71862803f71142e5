// A select that always goes on says nothing of the send behind one of its cases.
package p

import (
	"context"
	"time"
)

type Gauge struct{ every time.Duration }

func (g *Gauge) read() int

// Readings is read for as long as the caller likes.
func (g *Gauge) Readings(ctx context.Context) <-chan int {
	out := make(chan int)
	go g.send(ctx, out)
	return out
}

func (g *Gauge) send(ctx context.Context, out chan<- int) {
	next := time.NewTimer(0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
			next.Reset(g.every)
			out <- g.read() // want warning "when the caller of `\(\*Gauge\).Readings` stops receiving"
		}
	}
}
