// Package thumbs warms the thumbnail cache after an upload.
package thumbs

import (
	"log"
	"sync"
)

type Cache struct {
	mu    sync.Mutex
	ready map[string][]byte
	scale func([]byte) []byte
}

func NewCache(scale func([]byte) []byte) *Cache {
	return &Cache{ready: make(map[string][]byte), scale: scale}
}

// Uploaded is called once a picture has been stored.
func (c *Cache) Uploaded(name string, picture []byte) {
	finished := make(chan bool)
	go func() {
		thumb := c.scale(picture)
		c.mu.Lock()
		c.ready[name] = thumb
		c.mu.Unlock()
		finished <- true
	}()
	log.Printf("thumbs: warming %s", name)
}

func (c *Cache) Get(name string) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ready[name]
}
