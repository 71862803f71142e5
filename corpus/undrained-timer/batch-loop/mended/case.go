// Package batch gathers numbers and flushes them when none has come for a while.
package batch

import "time"

type Batcher struct {
	in    chan int
	flush func([]int)
}

func New(flush func([]int)) *Batcher { return &Batcher{in: make(chan int), flush: flush} }

func (b *Batcher) Add(n int) { b.in <- n }

func (b *Batcher) Close() { close(b.in) }

func (b *Batcher) Run(idle time.Duration) {
	var batch []int
	t := time.NewTimer(idle)
	for {
		select {
		case n, ok := <-b.in:
			if !ok {
				return
			}
			batch = append(batch, n)
			if !t.Stop() {
				select {
				case <-t.C:
				default:
				}
			}
			t.Reset(idle)
		case <-t.C:
			b.flush(batch)
			batch = nil
		}
	}
}
