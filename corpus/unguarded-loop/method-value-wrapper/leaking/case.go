// Package flags keeps feature flags in step with their file.
package flags

import (
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

func NewLoader(load func() (Set, error), pause time.Duration) *Loader {
	l := &Loader{load: load, pause: pause}
	l.current.Store(&Set{})
	safely(l.reload)
	return l
}

func (l *Loader) Enabled(name string) bool { return (*l.current.Load())[name] }

func (l *Loader) reload() {
	for {
		if set, err := l.load(); err != nil {
			log.Printf("flags: %v", err)
		} else {
			l.current.Store(&set)
		}
		time.Sleep(l.pause)
	}
}

// safely runs fn in the background and survives its panics.
func safely(fn func()) {
	go func() {
		defer func() {
			if p := recover(); p != nil {
				log.Printf("flags: panic: %v", p)
			}
		}()
		fn()
	}()
}
