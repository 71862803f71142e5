// Package poller has the pollers of several mailboxes.
package poller

import (
	"log"
	"time"
)

type base struct {
	name string
	wait time.Duration
	poll func() (int, error)
}

func (b *base) forever() {
	for {
		n, err := b.poll()
		switch {
		case err != nil:
			log.Printf("%s: %v", b.name, err)
			time.Sleep(2 * b.wait)
		case n == 0:
			time.Sleep(b.wait)
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
	m.base = base{name: name, wait: wait, poll: func() (int, error) {
		n, err := fetch()
		m.unread += n
		return n, err
	}}
	go m.forever()
	return m
}
