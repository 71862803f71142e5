// Package bank keeps balances and a journal of what changed them.
package bank

import "sync"

type Bank struct {
	balances sync.Mutex
	journal  sync.Mutex
	sum      int
	lines    []int
	pause    func()
}

func New(pause func()) *Bank { return &Bank{pause: pause} }

func (b *Bank) Deposit(n int) {
	b.balances.Lock()
	defer b.balances.Unlock()
	b.sum += n
	b.pause()
	b.journal.Lock()
	b.lines = append(b.lines, n)
	b.journal.Unlock()
}

// Check tells whether the journal adds up.
func (b *Bank) Check() bool {
	b.journal.Lock()
	defer b.journal.Unlock()
	sum := 0
	for _, n := range b.lines {
		sum += n
	}
	b.pause()
	b.balances.Lock()
	defer b.balances.Unlock()
	return sum == b.sum
}
