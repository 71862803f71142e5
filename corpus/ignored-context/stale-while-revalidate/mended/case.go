// Package catalog caches articles and renews them when they are old.
package catalog

import (
	"context"
	"sync"
	"time"
)

const renewal = 60 * time.Millisecond

type Article struct {
	SKU   string
	Title string
}

type Fetcher interface {
	Fetch(ctx context.Context, sku string) (Article, error)
}

type entry struct {
	article Article
	at      time.Time
}

type Cache struct {
	origin Fetcher
	maxAge time.Duration

	mu      sync.Mutex
	entries map[string]entry
}

func NewCache(origin Fetcher, maxAge time.Duration) *Cache {
	return &Cache{origin: origin, maxAge: maxAge, entries: make(map[string]entry)}
}

func (c *Cache) Put(a Article, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries[a.SKU] = entry{a, at}
}

// Get answers from the cache if it can, be the entry old or not.
func (c *Cache) Get(ctx context.Context, sku string) (Article, error) {
	c.mu.Lock()
	e, ok := c.entries[sku]
	c.mu.Unlock()
	if !ok {
		return c.load(ctx, sku)
	}
	if time.Since(e.at) > c.maxAge {
		go c.renew(context.WithoutCancel(ctx), sku)
	}
	return e.article, nil
}

func (c *Cache) renew(ctx context.Context, sku string) {
	ctx, cancel := context.WithTimeout(ctx, renewal)
	defer cancel()
	_, _ = c.load(ctx, sku)
}

func (c *Cache) load(ctx context.Context, sku string) (Article, error) {
	a, err := c.origin.Fetch(ctx, sku)
	if err == nil {
		c.Put(a, time.Now())
	}
	return a, err
}
