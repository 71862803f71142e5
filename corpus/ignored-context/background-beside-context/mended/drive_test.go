package greet

import (
	"context"
	"testing"
	"time"

	"goleash.test/judge"
)

type hung struct{}

func (hung) GetUser(ctx context.Context, _ *GetUserRequest) (*GetUserResponse, error) {
	select {
	case <-time.After(10 * time.Second):
		return &GetUserResponse{}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		g := New(hung{})
		g.Greet(ctx, "u-1")
		g.Greet(ctx, "u-2")
		<-ctx.Done()
	})
}
