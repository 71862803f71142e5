package poll

import (
	"context"
	"time"
)

type Poller struct {
	fetch func(context.Context) error
	quit  chan struct{}
}

func (p *Poller) Forever(ctx context.Context) {
	for {
		c, cancel := context.WithCancel(ctx) // want error "cancel of context.WithCancel is not called before another one takes its place"
		defer cancel()
		_ = p.fetch(c)
		time.Sleep(time.Second)
	}
}

func (p *Poller) UntilTold(ctx context.Context, in <-chan int) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-in:
			c, cancel := context.WithCancel(ctx) // want warning "is not called before another one takes its place"
			defer cancel()
			_ = p.fetch(c)
		}
	}
}

// Called at the end of each round as well.
func (p *Poller) Twice(ctx context.Context) {
	for {
		c, cancel := context.WithCancel(ctx)
		defer cancel()
		_ = p.fetch(c)
		cancel()
	}
}

// A round is a function of its own.
func (p *Poller) Rounds(ctx context.Context) {
	for {
		func() {
			c, cancel := context.WithCancel(ctx)
			defer cancel()
			_ = p.fetch(c)
		}()
		time.Sleep(time.Second)
	}
}

// Attempts come to an end.
func (p *Poller) Retry(ctx context.Context) error {
	for {
		c, cancel := context.WithCancel(ctx)
		defer cancel()
		if err := p.fetch(c); err == nil {
			return nil
		}
	}
}

func (p *Poller) Some(ctx context.Context, n int) {
	for range n {
		c, cancel := context.WithCancel(ctx)
		defer cancel()
		_ = p.fetch(c)
	}
}

// The one before the loop ends with the function.
func (p *Poller) Before(ctx context.Context) {
	c, cancel := context.WithCancel(ctx)
	defer cancel()
	for {
		select {
		case <-p.quit:
			return
		default:
			_ = p.fetch(c)
		}
	}
}

func (p *Poller) Each(ctx context.Context, in <-chan int) {
	for range in {
		c, cancel := context.WithCancel(ctx) // want warning "not called before another one takes its place"
		defer cancel()
		_ = p.fetch(c)
	}
}

func (p *Poller) UntilItFails(ctx context.Context) error {
	for {
		c, cancel := context.WithCancel(ctx) // want warning "not called before another one takes its place"
		defer cancel()
		if err := p.fetch(c); err != nil {
			return err
		}
	}
}
