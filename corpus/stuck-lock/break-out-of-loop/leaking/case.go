// Package door counts who is inside.
package door

import "sync"

type Door struct {
	mu     sync.Mutex
	inside int
}

func (d *Door) Enter() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inside++
}

func (d *Door) Leave() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inside--
}

// UntilEmpty waits until nobody is inside any more.
func (d *Door) UntilEmpty(pause func()) {
	for {
		d.mu.Lock()
		if d.inside == 0 {
			break
		}
		d.mu.Unlock()
		pause()
	}
}
