// Package receipts stores receipts in an archive.
package receipts

import (
	"context"
	"log/slog"
	"time"
)

type Archive interface {
	Put(name string, body []byte) error
}

type Service struct {
	archive Archive
	pause   time.Duration
}

func NewService(a Archive, pause time.Duration) *Service {
	return &Service{archive: a, pause: pause}
}

// Issue makes a receipt and stores it in the background.
func (s *Service) Issue(ctx context.Context, order string) []byte {
	body := []byte("receipt for " + order)
	slog.DebugContext(ctx, "issued", "order", order)
	go deliver(ctx, s.archive, order, body, s.pause)
	return body
}

func deliver(ctx context.Context, a Archive, name string, body []byte, pause time.Duration) {
	for attempt := 1; attempt <= 10; attempt++ {
		if err := a.Put(name, body); err == nil {
			return
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			slog.Error("receipt not stored", "order", name, "err", ctx.Err())
			return
		}
		pause *= 2
	}
	slog.Error("receipt lost", "order", name)
}
