// Package directory looks names up and gives up after a while.
package directory

import (
	"errors"
	"time"
)

var ErrTimeout = errors.New("directory: no answer")

type Lookup func(name string) <-chan string

type Directory struct {
	lookup Lookup
	limit  time.Duration
	hits   int
}

func New(l Lookup) *Directory {
	return &Directory{lookup: l, limit: 10 * time.Minute}
}

func (d *Directory) Find(name string) (string, error) {
	timeout := time.NewTimer(d.limit)
	select {
	case found := <-d.lookup(name):
		d.hits++
		return found, nil
	case <-timeout.C:
		return "", ErrTimeout
	}
}
