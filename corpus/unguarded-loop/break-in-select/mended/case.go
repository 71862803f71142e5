// Package outbox sends stored messages to the broker.
package outbox

import (
	"context"
	"log"
	"time"
)

type Store interface {
	Next() (id int64, body []byte, ok bool)
	Done(id int64)
}

type Relay struct {
	store Store
	send  func([]byte) error
	wake  chan struct{}
}

func NewRelay(store Store, send func([]byte) error) *Relay {
	return &Relay{store: store, send: send, wake: make(chan struct{}, 1)}
}

// Run relays messages in the background until ctx ends.
func (r *Relay) Run(ctx context.Context) {
	go func() {
	loop:
		for {
			select {
			case <-ctx.Done():
				break loop
			case <-r.wake:
			case <-time.After(25 * time.Millisecond):
			}
			r.relay()
		}
		r.relay() // what came in last
	}()
}

func (r *Relay) relay() {
	for {
		id, body, ok := r.store.Next()
		if !ok {
			time.Sleep(10 * time.Millisecond)
			return
		}
		if err := r.send(body); err != nil {
			log.Printf("outbox: message %d: %v", id, err)
			return
		}
		r.store.Done(id)
	}
}
