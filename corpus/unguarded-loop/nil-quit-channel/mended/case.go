// Package tail follows a growing log of audit records.
package tail

import (
	"sync"
	"time"
)

type Follower struct {
	read func(offset int) (line string, ok bool)
	emit func(string)

	mu     sync.Mutex
	offset int
	quit   chan struct{}
	stop   sync.Once
}

func NewFollower(read func(int) (string, bool), emit func(string)) *Follower {
	return &Follower{read: read, emit: emit, quit: make(chan struct{})}
}

func (f *Follower) Start() {
	go func() {
		for {
			select {
			case <-f.quit:
				return
			case <-time.After(10 * time.Millisecond):
				f.step()
			}
		}
	}()
}

// Stop makes the follower leave.
func (f *Follower) Stop() {
	f.stop.Do(func() { close(f.quit) })
}

func (f *Follower) step() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for {
		line, ok := f.read(f.offset)
		if !ok {
			return
		}
		f.offset++
		f.emit(line)
	}
}
