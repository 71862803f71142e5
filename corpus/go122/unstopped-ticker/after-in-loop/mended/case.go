// Package consumer hands messages of a partition to a handler.
package consumer

import (
	"errors"
	"time"
)

var ErrIdle = errors.New("consumer: partition is idle")

const idle = 15 * time.Minute

type Message struct {
	Offset int64
	Value  []byte
}

// Consume handles messages until the channel is closed, or silent for long.
func Consume(messages <-chan Message, handle func(Message)) error {
	timer := time.NewTimer(idle)
	defer timer.Stop()
	for {
		select {
		case m, ok := <-messages:
			if !ok {
				return nil
			}
			handle(m)
		case <-timer.C:
			return ErrIdle
		}
		if !timer.Stop() {
			select {
			case <-timer.C:
			default:
			}
		}
		timer.Reset(idle)
	}
}
