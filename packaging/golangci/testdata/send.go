package shop

import "context"

func Best(ctx context.Context, ask func() int) (int, error) {
	answers := make(chan int)
	go func() {
		answers <- ask() // want `blocked-send: .*answers`
	}()
	select {
	case best := <-answers:
		return best, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}
