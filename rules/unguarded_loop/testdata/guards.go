// go 1.24

// Guards that do not work.
package p

import (
	"context"
	"log"
	"time"
)

func breaksSelectOnly(ctx context.Context, ch chan int) {
	go func() {
		for {
			select { // want error "its way out does not work"
			case <-ctx.Done():
				break
			case n := <-ch:
				log.Print(n)
			}
		}
	}()
}

func goesRound(ctx context.Context, ch chan int) {
	go func() {
		for {
			select { // want error "its way out does not work"
			case <-ctx.Done():
				log.Print("done")
			case n := <-ch:
				log.Print(n)
			}
		}
	}()
}

type relay struct {
	quit chan struct{}
	in   chan int
	hole chan struct{}
}

func newRelay() *relay {
	r := &relay{quit: make(chan struct{}), in: make(chan int)}
	go r.run()
	go r.wait()
	return r
}

// Nothing closes quit.
func (r *relay) run() {
	for {
		select { // want error "its way out does not work"
		case <-r.quit:
			return
		case n := <-r.in:
			log.Print(n)
		}
	}
}

// Nothing ever makes hole.
func (r *relay) wait() {
	for {
		select { // want error "its way out does not work"
		case <-r.hole:
			return
		case <-time.After(time.Second):
		}
	}
}

func (r *relay) Send(n int) { r.in <- n }

func neverEnds(ch chan int) {
	ctx := context.Background()
	go func() {
		for {
			select { // want error "its way out does not work"
			case <-ctx.Done():
				return
			case <-ch:
			}
		}
	}()
}

func dropsCancel(ch chan int) {
	ctx, _ := context.WithCancel(context.TODO())
	go func() {
		for {
			select { // want error "its way out does not work"
			case <-ctx.Done():
				return
			case <-ch:
			}
		}
	}()
}

func passesBackground(ch chan int) {
	go follow(context.Background(), ch)
}

func follow(ctx context.Context, ch chan int) {
	for {
		select { // want error "its way out does not work"
		case <-ctx.Done():
			return
		case <-ch:
		}
	}
}

func nilChannel(ch chan int) {
	var done chan struct{}
	go func() {
		for {
			select { // want error "its way out does not work"
			case <-done:
				return
			case <-ch:
			}
		}
	}()
}

// From here on the guards work.

type stopper struct {
	quit   chan struct{}
	cancel context.CancelFunc
	slots  []chan struct{}
}

func newStopper() *stopper {
	ctx, cancel := context.WithCancel(context.Background())
	s := &stopper{quit: make(chan struct{}), cancel: cancel}
	for i := 0; i < 3; i++ {
		s.slots = append(s.slots, make(chan struct{}))
	}
	go s.run(ctx)
	go s.slot(s.slots[0])
	return s
}

func (s *stopper) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.quit:
			return
		case <-time.After(time.Second):
		}
	}
}

// The channel is an element of a collection whose elements are closed.
func (s *stopper) slot(ch chan struct{}) {
	for {
		select {
		case <-ch:
			return
		case <-time.After(time.Second):
		}
	}
}

func (s *stopper) Close() {
	s.cancel()
	close(s.quit)
	for _, ch := range s.slots {
		close(ch)
	}
}

func withTimeout(ch chan int) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	_ = cancel
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-ch:
			}
		}
	}()
}

// A method called through an interface takes channels from callers that are not in view.
type sink interface{ drain(done chan struct{}) }

type tank struct{}

func (tank) drain(done chan struct{}) {
	go func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(time.Second):
			}
		}
	}()
}

func use(s sink, done chan struct{}) { s.drain(done) }
