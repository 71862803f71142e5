package mailer

import (
	"context"
	"testing"

	"goleash.test/judge"
)

type wire chan Mail

func (w wire) Deliver(m Mail) error { w <- m; return nil }

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		out := make(wire, 1)
		mails := make(chan Mail)
		Start(ctx, 50, out, mails)
		mails <- Mail{To: "sita@example.com"}
		<-out
	})
}
