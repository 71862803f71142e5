package poll

import (
	"context"
	"time"
)

// Forever looks again and again.
func Forever(look func()) {
	for {
		look()
		time.Sleep(time.Second)
	}
}

// Until looks until the context ends.
func Until(ctx context.Context, look func()) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			look()
		}
	}
}

// Watcher looks until it is stopped.
type Watcher struct {
	done chan struct{}
}

// NewWatcher gives one that does not look yet.
func NewWatcher() *Watcher { return &Watcher{done: make(chan struct{})} }

// Run looks.
func (w *Watcher) Run(look func()) {
	for {
		select {
		case <-w.done:
			return
		case <-time.After(time.Second):
			look()
		}
	}
}

// Stop ends Run.
func (w *Watcher) Stop() { close(w.done) }

// Deaf listens to a channel that nobody makes.
type Deaf struct {
	quit chan struct{}
}

// Run looks.
func (d *Deaf) Run(look func()) {
	for {
		select {
		case <-d.quit:
			return
		case <-time.After(time.Second):
			look()
		}
	}
}

// Start is called once, by main.
func Start(look func()) {
	go func() {
		for {
			look()
			time.Sleep(time.Minute) // want note "as long as the process runs"
		}
	}()
}

// Begin is called for each truck.
func Begin(look func()) {
	go func() {
		for {
			look()
			time.Sleep(time.Minute) // want warning "loops for ever"
		}
	}()
}
