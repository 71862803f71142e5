package fleet

import (
	"context"

	"example.com/fleet/internal/poll"
)

func Track(ctx context.Context, look func()) {
	go poll.Forever(look) // want warning "loops for ever"
	go poll.Until(ctx, look)
	go poll.Until(context.Background(), look) // want error "loops for ever"
	w := poll.NewWatcher()
	go w.Run(look)
	defer w.Stop()
	d := &poll.Deaf{}
	go d.Run(look) // want error "loops for ever"
}

func Each(trucks []func()) {
	for _, look := range trucks {
		poll.Begin(look)
	}
}
