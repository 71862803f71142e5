// Package session expires idle sessions.
package session

import (
	"sync"
	"time"
)

type Table struct {
	mu     sync.Mutex
	seen   map[string]time.Time
	ttl    time.Duration
	done   chan struct{}
	closed bool
}

func NewTable(ttl time.Duration) *Table {
	t := &Table{
		seen: make(map[string]time.Time),
		ttl:  ttl,
		done: make(chan struct{}),
	}
	go t.janitor()
	return t
}

func (t *Table) Touch(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.closed {
		t.seen[id] = time.Now()
	}
}

// Close drops all sessions. It may be called more than once.
func (t *Table) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return
	}
	t.closed = true
	close(t.done)
	clear(t.seen)
}

func (t *Table) janitor() {
	tick := time.NewTicker(t.ttl / 2)
	defer tick.Stop()
	for {
		select {
		case <-t.done:
			return
		case now := <-tick.C:
			t.expire(now)
		}
	}
}

func (t *Table) expire(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, last := range t.seen {
		if now.Sub(last) > t.ttl {
			delete(t.seen, id)
		}
	}
}
