package quotes

import (
	"sync"
	"time"
)

// Cache holds prices and renews them every minute.
type Cache struct {
	mu     sync.Mutex
	prices map[string]int
}

// NewCache returns a cache that renews itself.
func NewCache(load func() map[string]int) *Cache {
	c := &Cache{prices: load()}
	go c.renew(load)
	return c
}

func (c *Cache) renew(load func() map[string]int) {
	ticker := time.NewTicker(time.Minute)
	defer ticker.Stop()
	for range ticker.C {
		prices := load()
		c.mu.Lock()
		c.prices = prices
		c.mu.Unlock()
	}
}
