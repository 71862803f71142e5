// Package consumer hands messages of a partition to a handler.
package consumer

import (
	"errors"
	"time"
)

var ErrIdle = errors.New("consumer: partition is idle")

type Message struct {
	Offset int64
	Value  []byte
}

// Consume handles messages until the channel is closed, or silent for long.
func Consume(messages <-chan Message, handle func(Message)) error {
	for {
		select {
		case m, ok := <-messages:
			if !ok {
				return nil
			}
			handle(m)
		case <-time.After(15 * time.Minute):
			return ErrIdle
		}
	}
}
