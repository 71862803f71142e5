// Package names gives each name a number.
package names

import "sync"

type Table struct {
	mu   sync.RWMutex
	ids  map[string]int
	next int
}

func NewTable() *Table { return &Table{ids: map[string]int{}} }

func (t *Table) ID(name string) int {
	t.mu.RLock()
	id, ok := t.ids[name]
	t.mu.RUnlock()
	if ok {
		return id
	}
	return t.add(name)
}

func (t *Table) add(name string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if id, ok := t.ids[name]; ok {
		return id
	}
	t.next++
	t.ids[name] = t.next
	return t.next
}
