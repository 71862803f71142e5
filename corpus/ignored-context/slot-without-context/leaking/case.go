// Package transcode converts videos, a few at a time.
package transcode

import (
	"context"
	"sync/atomic"
)

type Service struct {
	slots   chan struct{}
	convert func(ctx context.Context, video string) error
	waiting atomic.Int64
}

func New(slots int, convert func(context.Context, string) error) *Service {
	return &Service{slots: make(chan struct{}, slots), convert: convert}
}

func (s *Service) acquire() { s.slots <- struct{}{} }
func (s *Service) release() { <-s.slots }

// Convert returns at once; the video is converted when it is its turn, and
// for as long as ctx allows.
func (s *Service) Convert(ctx context.Context, video string) {
	s.waiting.Add(1)
	go func() {
		s.acquire()
		defer s.release()
		s.waiting.Add(-1)
		_ = s.convert(ctx, video)
	}()
}
