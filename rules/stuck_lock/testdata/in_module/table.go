package shop

import "sync"

// A hook that is a method of its own object: what it locks is what the caller holds.
type table struct {
	mu    sync.Mutex
	rows  map[string]int
	onNew func(string)
}

func newTable() *table {
	t := &table{rows: map[string]int{}}
	t.onNew = t.add
	return t
}

func (t *table) add(key string) {
	t.mu.Lock()
	t.rows[key]++
	t.mu.Unlock()
}

func (t *table) look(key string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.rows[key]; !ok {
		t.onNew(key) // want error "locked again"
	}
	return t.rows[key]
}
