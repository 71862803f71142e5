package main

import (
	"context"
	"os"
	"os/signal"
)

func main() {
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt)
	other, cancel := context.WithCancel(ctx)
	if serve(other) != nil {
		return
	}
	cancel()
}

func serve(ctx context.Context) error {
	inner, _ := context.WithCancel(ctx)
	<-inner.Done()
	return inner.Err()
}

func handle(ctx context.Context) error {
	inner, _ := context.WithCancel(ctx) // want error "dropped"
	return inner.Err()
}
