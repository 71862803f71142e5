// Package notify tells listeners that a document was saved.
package notify

import "sync"

type Saver struct {
	mu    sync.Mutex
	docs  map[string]string
	saved chan string
}

func NewSaver() *Saver {
	return &Saver{docs: make(map[string]string)}
}

// Saved yields the names of documents that were saved.
func (s *Saver) Saved() <-chan string { return s.saved }

func (s *Saver) Save(name, body string) {
	s.mu.Lock()
	s.docs[name] = body
	s.mu.Unlock()
	go func() {
		s.saved <- name
	}()
}
