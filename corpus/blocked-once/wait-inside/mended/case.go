// Package link opens a link when it is first used.
package link

import "sync"

type Link struct {
	once sync.Once
	up   chan struct{}
	peer string
}

func New() *Link { return &Link{up: make(chan struct{})} }

func (l *Link) dial() {
	l.setPeer("home")
	close(l.up)
}

func (l *Link) setPeer(name string) {
	l.peer = name
}

func (l *Link) Open() {
	l.once.Do(func() {
		go l.dial()
		<-l.up
	})
}
