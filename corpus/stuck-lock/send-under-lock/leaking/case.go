// Package hub counts events that come in.
package hub

import "sync"

type Hub struct {
	mu     sync.Mutex
	seen   map[string]int
	events chan string
}

func New() *Hub {
	h := &Hub{seen: map[string]int{}, events: make(chan string)}
	go h.loop()
	return h
}

func (h *Hub) loop() {
	for name := range h.events {
		h.mu.Lock()
		h.seen[name]++
		h.mu.Unlock()
	}
}

// Emit passes events on unless they are muted.
func (h *Hub) Emit(names ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, name := range names {
		if h.seen[name] >= 0 {
			h.events <- name
		}
	}
}

func (h *Hub) Close() { close(h.events) }
