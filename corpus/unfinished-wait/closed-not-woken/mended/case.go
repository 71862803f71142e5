// Package inbox hands letters on.
package inbox

import "sync"

// Box holds letters until somebody takes them.
type Box struct {
	mu      sync.Mutex
	filled  *sync.Cond
	letters []string
	closed  bool
}

// New makes an empty box.
func New() *Box {
	b := &Box{}
	b.filled = sync.NewCond(&b.mu)
	return b
}

// Take waits for a letter; there is none any more when the box is closed.
func (b *Box) Take() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.letters) == 0 && !b.closed {
		b.filled.Wait()
	}
	if len(b.letters) == 0 {
		return ""
	}
	first := b.letters[0]
	b.letters = b.letters[1:]
	return first
}

// Put adds a letter.
func (b *Box) Put(letter string) {
	b.mu.Lock()
	b.letters = append(b.letters, letter)
	b.mu.Unlock()
	b.filled.Signal()
}

// Close sends everybody home.
func (b *Box) Close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.filled.Broadcast()
}
