// Package total adds up prices that are asked for side by side.
package total

import "sync"

type Cart struct {
	mu  sync.Mutex
	sum int
}

// Sum asks for all prices at once.
func (c *Cart) Sum(items []string, price func(string) int) int {
	var wg sync.WaitGroup
	c.mu.Lock()
	c.sum = 0
	c.mu.Unlock()
	for _, item := range items {
		wg.Add(1)
		go func() {
			defer wg.Done()
			p := price(item)
			c.mu.Lock()
			c.sum += p
			c.mu.Unlock()
		}()
	}
	wg.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sum
}
