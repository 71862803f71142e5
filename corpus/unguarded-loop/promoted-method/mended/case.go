// Package poller has the pollers of several mailboxes.
package poller

import (
	"log"
	"sync"
	"time"
)

type base struct {
	name string
	wait time.Duration
	poll func() (int, error)

	stop sync.Once
	quit chan struct{}
}

func (b *base) Close() error {
	b.stop.Do(func() { close(b.quit) })
	return nil
}

func (b *base) forever() {
	for {
		var pause time.Duration
		n, err := b.poll()
		switch {
		case err != nil:
			log.Printf("%s: %v", b.name, err)
			pause = 2 * b.wait
		case n == 0:
			pause = b.wait
		}
		select {
		case <-b.quit:
			return
		case <-time.After(pause):
		}
	}
}

type Mailbox struct {
	base
	unread int
}

// Open begins to poll at once.
func Open(name string, wait time.Duration, fetch func() (int, error)) *Mailbox {
	m := &Mailbox{}
	m.name, m.wait = name, wait
	m.quit = make(chan struct{})
	m.poll = func() (int, error) {
		n, err := fetch()
		m.unread += n
		return n, err
	}
	go m.forever()
	return m
}
