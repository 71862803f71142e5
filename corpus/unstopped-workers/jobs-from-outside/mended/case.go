// Package mailer renders and sends mails.
package mailer

import (
	"context"
	"log"
)

type Mail struct {
	To   string
	Body string
}

type Transport interface {
	Deliver(Mail) error
}

// Start lets n workers deliver what comes in until ctx ends.
func Start(ctx context.Context, n int, t Transport, mails <-chan Mail) {
	for i := range n {
		go func() {
			for {
				select {
				case <-ctx.Done():
					return
				case m, ok := <-mails:
					if !ok {
						return
					}
					if err := t.Deliver(m); err != nil {
						log.Printf("mailer %d: %s: %v", i, m.To, err)
					}
				}
			}
		}()
	}
}
