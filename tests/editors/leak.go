package m

import (
	"context"
	"time"
)

func late(ctx context.Context, ask func() string) string {
	answer := make(chan string)
	go func() { answer <- ask() }()
	select {
	case text := <-answer:
		return text
	case <-ctx.Done():
		return ""
	case <-time.After(time.Second):
		return "too late: 😀"
	}
}
