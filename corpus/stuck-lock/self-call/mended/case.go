// Package cache keeps values up to a limit.
package cache

import "sync"

type Cache struct {
	mu    sync.RWMutex
	limit int
	m     map[string]string
}

func New(limit int) *Cache { return &Cache{limit: limit, m: map[string]string{}} }

func (c *Cache) Len() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.m)
}

func (c *Cache) full() bool { return len(c.m) >= c.limit }

func (c *Cache) Set(key, value string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.full() {
		return false
	}
	c.m[key] = value
	return true
}
