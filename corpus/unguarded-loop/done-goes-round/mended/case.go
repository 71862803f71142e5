// Package presence tells the cluster which users are connected.
package presence

import (
	"context"
	"log/slog"
)

type Announcer struct {
	log     *slog.Logger
	changes chan string
	publish func([]string)
}

func NewAnnouncer(log *slog.Logger, publish func([]string)) *Announcer {
	return &Announcer{log: log, changes: make(chan string, 8), publish: publish}
}

func (a *Announcer) Changed(user string) { a.changes <- user }

// Serve gathers changes and publishes them in batches.
func (a *Announcer) Serve(ctx context.Context) {
	go a.gather(ctx)
}

func (a *Announcer) gather(ctx context.Context) {
	var batch []string
	for {
		select {
		case user := <-a.changes:
			batch = append(batch, user)
			if len(batch) < 4 {
				continue
			}
		case <-ctx.Done():
			a.log.Info("presence is shutting down", "pending", len(batch))
			if len(batch) > 0 {
				a.publish(batch)
			}
			return
		}
		a.publish(batch)
		batch = nil
	}
}
