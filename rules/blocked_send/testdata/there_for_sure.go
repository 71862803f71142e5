// Sends that find their reader there, and some beside them that do not.
package there

import (
	"context"
	"sync/atomic"
)

// The reader leaves only when it has been asked for something: the first question reaches it.
type filler struct {
	ask   chan struct{}
	ready chan int
	end   int64
}

func newFiller(read func() (int, error)) *filler {
	f := &filler{ask: make(chan struct{}), ready: make(chan int), end: -1}
	go func() {
		total := 0
		defer func() {
			atomic.StoreInt64(&f.end, int64(total))
			close(f.ready)
		}()
		for range f.ask {
			n, err := read()
			if err != nil {
				return
			}
			total += n
			f.ready <- n // want note "blocks forever"
		}
	}()
	f.ask <- struct{}{}
	return f
}

// It looks first whether the reader has written down that it left.
func (f *filler) next() int {
	n := <-f.ready
	if f.end == -1 {
		f.ask <- struct{}{}
	}
	return n
}

func drain(read func() (int, error)) {
	f := newFiller(read)
	go func() {
		for f.next() > 0 {
		}
	}()
}

// The same without a word from the reader.
type mute struct {
	ask   chan struct{}
	ready chan int
}

func newMute(read func() (int, error)) *mute {
	m := &mute{ask: make(chan struct{}), ready: make(chan int)}
	go func() {
		for range m.ask {
			n, err := read()
			if err != nil {
				return
			}
			m.ready <- n
		}
	}()
	return m
}

func (m *mute) next() int {
	m.ask <- struct{}{} // want warning "once every reader of `m.ask` has left"
	return <-m.ready
}

// Who sends is who reads: when the reader has left, so has the sender.
type tries struct{ work func() error }

func (t *tries) run(ctx context.Context) error {
	failed := make(chan error, 1)
	for {
		if err := t.work(); err != nil {
			failed <- err
		}
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			if err != nil {
				return err
			}
		}
	}
}

func background(t *tries, ctx context.Context) {
	go func() { _ = t.run(ctx) }()
}

// One function, several channels: that of `Watch` goes to callers, with a context that ends; the other stays where it was made.
func relay(ctx context.Context, out chan<- int, in <-chan int) {
	defer close(out)
	for n := range in {
		select {
		case out <- n:
		case <-ctx.Done():
			return
		}
	}
}

func Watch(ctx context.Context, in <-chan int) <-chan int {
	ctx, cancel := context.WithCancel(ctx)
	out := make(chan int, 2)
	go func() {
		defer cancel()
		relay(ctx, out, in)
	}()
	return out
}

func relayed(in <-chan int) int {
	out := make(chan int, 2)
	go relay(context.Background(), out, in)
	sum := 0
	for n := range out {
		sum += n
	}
	return sum
}

