// Package mailer renders and sends mails.
package mailer

import "log"

type Mail struct {
	To   string
	Body string
}

type Transport interface {
	Deliver(Mail) error
}

// Start lets n workers deliver what comes in.
func Start(n int, t Transport, mails <-chan Mail) {
	for i := range n {
		go func() {
			for m := range mails {
				if err := t.Deliver(m); err != nil {
					log.Printf("mailer %d: %s: %v", i, m.To, err)
				}
			}
		}()
	}
}
