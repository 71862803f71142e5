// Package flags keeps feature flags in step with their file.
package flags

import (
	"context"
	"log"
	"sync/atomic"
	"time"
)

type Set map[string]bool

type Loader struct {
	load    func() (Set, error)
	current atomic.Pointer[Set]
	pause   time.Duration
}

func NewLoader(ctx context.Context, load func() (Set, error), pause time.Duration) *Loader {
	l := &Loader{load: load, pause: pause}
	l.current.Store(&Set{})
	safely(ctx, l.reload)
	return l
}

func (l *Loader) Enabled(name string) bool { return (*l.current.Load())[name] }

func (l *Loader) reload(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if set, err := l.load(); err != nil {
			log.Printf("flags: %v", err)
		} else {
			l.current.Store(&set)
		}
		timer.Reset(l.pause)
	}
}

// safely runs fn in the background and survives its panics.
func safely(ctx context.Context, fn func(context.Context)) {
	go func() {
		defer func() {
			if p := recover(); p != nil {
				log.Printf("flags: panic: %v", p)
			}
		}()
		fn(ctx)
	}()
}
