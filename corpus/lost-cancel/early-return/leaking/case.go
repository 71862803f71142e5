// Package session opens sessions with a peer.
package session

import (
	"context"
	"errors"
	"sync/atomic"
)

var ErrVersion = errors.New("session: unknown version")

// Pool counts the sessions that are open.
type Pool struct{ open atomic.Int64 }

// Run opens a session, hands it to work and closes it.
func (p *Pool) Run(version int, work func(ctx context.Context)) error {
	ctx, cancel := context.WithCancel(context.Background())
	p.open.Add(1)
	go func() {
		<-ctx.Done()
		p.open.Add(-1)
	}()

	if version != 2 {
		return ErrVersion
	}
	work(ctx)
	cancel()
	return nil
}
