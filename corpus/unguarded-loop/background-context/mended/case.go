// Package rates caches exchange rates.
package rates

import (
	"context"
	"sync"
	"time"
)

type Source func(ctx context.Context) (map[string]float64, error)

type Cache struct {
	ctx    context.Context
	cancel context.CancelFunc
	source Source
	mu     sync.RWMutex
	rates  map[string]float64
}

func NewCache(source Source, every time.Duration) *Cache {
	c := &Cache{source: source}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	go c.keepFresh(every)
	return c
}

// Close ends the refreshing.
func (c *Cache) Close() { c.cancel() }

func (c *Cache) Rate(currency string) (float64, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	r, ok := c.rates[currency]
	return r, ok
}

func (c *Cache) keepFresh(every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-c.ctx.Done():
			return
		case <-ticker.C:
			fresh, err := c.source(c.ctx)
			if err != nil {
				continue
			}
			c.mu.Lock()
			c.rates = fresh
			c.mu.Unlock()
		}
	}
}
