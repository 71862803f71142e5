// Package ledger keeps balances in one goroutine that owns them.
package ledger

import (
	"context"
	"time"
)

type query struct {
	account string
	reply   chan int64
}

type Ledger struct {
	queries chan query
	done    chan struct{}
	delay   time.Duration
}

func New(delay time.Duration) *Ledger {
	l := &Ledger{
		queries: make(chan query),
		done:    make(chan struct{}),
		delay:   delay,
	}
	go l.serve(map[string]int64{"cash": 500})
	return l
}

func (l *Ledger) serve(balances map[string]int64) {
	for {
		select {
		case q := <-l.queries:
			time.Sleep(l.delay) // the journal is read here
			q.reply <- balances[q.account]
		case <-l.done:
			return
		}
	}
}

func (l *Ledger) Balance(ctx context.Context, account string) (int64, error) {
	q := query{account: account, reply: make(chan int64)}
	select {
	case l.queries <- q:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	select {
	case cents := <-q.reply:
		return cents, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (l *Ledger) Close() { close(l.done) }
