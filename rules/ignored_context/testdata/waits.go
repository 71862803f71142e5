package p

import (
	"context"
	"errors"
	"sync"

	"golang.org/x/sync/errgroup"

	"example.org/workers"
)

type client interface {
	Send(ctx context.Context, key string) error
}

type sender struct {
	c  client
	wg sync.WaitGroup
	wk *workers.Pool
}

func (s *sender) send() error { return s.c.Send(context.Background(), "k") }

func (s *sender) group(ctx context.Context, keys []string) {
	var wg sync.WaitGroup
	for range keys {
		wg.Add(1)
		go func() {
			defer wg.Done()
			_ = s.send()
		}()
	}
	wg.Wait()
}

func (s *sender) groupPointer(ctx context.Context) {
	wg := &sync.WaitGroup{}
	wg.Add(1)
	go s.work(wg)
	wg.Wait()
}

func (s *sender) work(wg *sync.WaitGroup) {
	defer wg.Done()
	_ = s.send()
}

func (s *sender) deferredWait(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Add(1)
	go func() {
		defer wg.Done()
		_ = s.send()
	}()
}

func (s *sender) groupOnOneWay(ctx context.Context, quick bool) error {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		_ = s.send() // want warning "s.c.Send"
	}()
	if quick {
		return errors.New("too slow")
	}
	wg.Wait()
	return nil
}

func (s *sender) errgroup(ctx context.Context) error {
	g, _ := errgroup.WithContext(ctx)
	g.Go(s.send)
	g.Go(func() error { return s.send() })
	return g.Wait()
}

func (s *sender) channel(ctx context.Context) error {
	done := make(chan error, 1)
	go func() { done <- s.send() }()
	return <-done
}

func (s *sender) channelOrContext(ctx context.Context) error {
	done := make(chan error, 1)
	go func() {
		done <- s.send() // want warning "s.c.Send"
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *sender) each(ctx context.Context, keys []string) {
	results := make(chan error)
	for range keys {
		go func() { results <- s.send() }()
	}
	for range keys {
		<-results
	}
}

func (s *sender) relay(ctx context.Context, keys []string) {
	var wg sync.WaitGroup
	results := make(chan error)
	for range keys {
		wg.Add(1)
		go func() {
			defer wg.Done()
			results <- s.send()
		}()
	}
	go func() {
		wg.Wait()
		close(results)
	}()
	for range results {
	}
}

// Whoever has the channel may wait, whoever owns the group may, and so may who reads the field.
func (s *sender) future(ctx context.Context) <-chan error {
	out := make(chan error, 1)
	go func() { out <- s.send() }()
	return out
}

func (s *sender) owned(ctx context.Context) {
	s.wg.Add(1)
	go func() {
		defer s.wg.Done()
		_ = s.send()
	}()
}

// A type that cannot be read, told that the work is done: it may be what is waited for.
func (s *sender) pool(ctx context.Context, keys []string) {
	wk, _ := workers.New(4)
	for range keys {
		wk.Take()
		go func() {
			defer wk.Give()
			_ = s.send()
		}()
	}
	wk.Wait()
}

func (s *sender) poolField(ctx context.Context) {
	go func() {
		defer s.wk.Give()
		_ = s.send()
	}()
}

// What tells that it is done is started by the goroutine itself.
func (s *sender) inner(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		updates := make(chan int)
		defer close(updates)
		go func() {
			defer wg.Done()
			for range updates {
			}
		}()
		_ = s.send()
	}()
	wg.Wait()
}

func (s *sender) keepsAlive(ctx context.Context) {
	done := make(chan error, 1)
	go func() { done <- s.send() }()
	s.wait(ctx, done)
}

func (s *sender) wait(ctx context.Context, done chan error) {
	for {
		select {
		case <-done:
			return
		default:
		}
	}
}

type batch struct {
	pool *workers.Pool
}

func (b *batch) Go(f func()) {
	b.pool.Take()
	go func() {
		defer b.pool.Give()
		f()
	}()
}

func (s *sender) batched(ctx context.Context, b *batch) {
	b.Go(func() { _ = s.send() })
}
