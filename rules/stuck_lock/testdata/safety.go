// Unlocks that are a function's own business.
package p

import "sync"

type box struct {
	mu   sync.Mutex
	full bool
	n    int
}

func (b *box) take() bool {
	b.mu.Lock() // want error "stays locked" fix safe
	if !b.full {
		return false
	}
	b.full = false
	b.mu.Unlock()
	return true
}

// What is returned is read under the lock.
func (b *box) count() int {
	b.mu.Lock() // want error "stays locked" fix unsafe
	if b.full {
		return b.n
	}
	b.mu.Unlock()
	return 0
}

// Desk has a lock that other packages can unlock.
type Desk struct {
	Gate sync.Mutex
	busy bool
}

func (d *Desk) begin() bool {
	d.Gate.Lock() // want error "stays locked" fix unsafe
	if d.busy {
		return false
	}
	d.Gate.Unlock()
	return true
}
