// Package registry keeps handlers and lets callers change them.
package registry

import "sync"

type Registry struct {
	mu       sync.Mutex
	handlers map[string]func()
}

func New() *Registry { return &Registry{handlers: map[string]func(){}} }

func (r *Registry) Add(name string, h func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.handlers[name] = h
}

func (r *Registry) remove(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.handlers, name)
}

// Rename moves a handler to another name.
func (r *Registry) Rename(from, to string) bool {
	r.mu.Lock()
	defer func() {
		delete(r.handlers, from)
		r.mu.Unlock()
	}()
	h, ok := r.handlers[from]
	if ok {
		r.handlers[to] = h
	}
	return ok
}
