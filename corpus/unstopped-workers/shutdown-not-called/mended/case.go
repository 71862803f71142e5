// Package imports reads files of customers into the database.
package imports

import (
	"context"
	"strings"
	"sync"
)

type pool struct {
	rows   chan string
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

func newPool(n int, insert func(row string)) *pool {
	ctx, cancel := context.WithCancel(context.Background())
	p := &pool{rows: make(chan string, 64), ctx: ctx, cancel: cancel}
	for range n {
		p.wg.Add(1)
		go p.work(insert)
	}
	return p
}

func (p *pool) work(insert func(string)) {
	defer p.wg.Done()
	for {
		select {
		case <-p.ctx.Done():
			return
		case row := <-p.rows:
			insert(row)
		}
	}
}

// Shutdown ends the workers and waits for them.
func (p *pool) Shutdown() {
	p.cancel()
	p.wg.Wait()
}

// File imports one file and returns the number of its rows.
func File(text string, insert func(row string)) int {
	var pending sync.WaitGroup
	p := newPool(3, func(row string) {
		defer pending.Done()
		insert(row)
	})
	defer p.Shutdown()
	n := 0
	for row := range strings.Lines(text) {
		pending.Add(1)
		p.rows <- row
		n++
	}
	pending.Wait()
	return n
}
