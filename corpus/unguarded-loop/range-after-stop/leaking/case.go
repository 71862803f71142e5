// Package quota renews a tenant's request quota at a steady pace.
package quota

import (
	"sync"
	"time"
)

type Bucket struct {
	mu     sync.Mutex
	tokens int
	limit  int
	ticker *time.Ticker
}

func NewBucket(limit int, every time.Duration) *Bucket {
	b := &Bucket{tokens: limit, limit: limit, ticker: time.NewTicker(every)}
	go b.refill()
	return b
}

func (b *Bucket) Take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tokens == 0 {
		return false
	}
	b.tokens--
	return true
}

// Close ends the refilling.
func (b *Bucket) Close() {
	b.ticker.Stop()
}

func (b *Bucket) refill() {
	for range b.ticker.C {
		b.mu.Lock()
		if b.tokens < b.limit {
			b.tokens++
		}
		b.mu.Unlock()
	}
}
