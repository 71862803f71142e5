// Package buffer hands lines from writers to a reader.
package buffer

import "sync"

type Buffer struct {
	mu    sync.Mutex
	some  *sync.Cond
	lines []string
}

func New() *Buffer {
	b := new(Buffer)
	b.some = sync.NewCond(&b.mu)
	return b
}

// Drain hands lines on as they come, until an empty one.
func (b *Buffer) Drain(to func(string)) {
	go func() {
		for {
			b.mu.Lock()
			for len(b.lines) == 0 {
				b.some.Wait()
			}
			line := b.lines[0]
			b.lines = b.lines[1:]
			b.mu.Unlock()
			if line == "" {
				return
			}
			to(line)
		}
	}()
}

func (b *Buffer) Put(line string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines = append(b.lines, line)
	b.some.Signal()
}
