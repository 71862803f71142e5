package answers

import (
	"context"
	"errors"
	"time"
)

type question struct {
	reply chan error
	key   string
}

type asker struct {
	questions chan *question
	quit      chan struct{}
}

func (a *asker) start() { go a.answer() }
func (a *asker) stop()  { close(a.quit) }

func (a *asker) answer() {
	for {
		select {
		case q := <-a.questions:
			q.reply <- nil // want warning "blocks for ever once the reader of `q.reply` has left"
		case <-a.quit:
			return
		}
	}
}

// Two functions ask, each with a channel of its own: that the other one waits helps nobody here.
func (a *asker) patient(key string) error {
	reply := make(chan error)
	a.questions <- &question{reply: reply, key: key}
	return <-reply
}

func (a *asker) hasty(ctx context.Context, key string) error {
	reply := make(chan error)
	a.questions <- &question{reply: reply, key: key}
	select {
	case err := <-reply:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

type order struct {
	done chan int
	id   int
}

// Answers that are kept for a while before they go out.
func collect(orders chan order, quit chan struct{}) {
	go func() {
		for {
			var waiting []chan int
			select {
			case o := <-orders:
				waiting = append(waiting, o.done)
			case <-quit:
				return
			}
			for _, w := range waiting {
				w <- len(waiting) // want warning "once the reader of `w` has left"
			}
		}
	}()
}

func place(ctx context.Context, orders chan order, id int) (int, error) {
	done := make(chan int)
	orders <- order{done: done, id: id}
	select {
	case n := <-done:
		return n, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

type roomy struct {
	reply chan error
}

func ask(ctx context.Context, to chan roomy) error {
	reply := make(chan error, 1)
	go func() {
		for r := range to {
			r.reply <- nil
		}
	}()
	to <- roomy{reply: reply}
	select {
	case err := <-reply:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

type pump struct {
	in, out chan string
	quit    chan struct{}
}

func newPump() *pump {
	p := &pump{in: make(chan string), out: make(chan string), quit: make(chan struct{})}
	go p.run()
	return p
}

func (p *pump) run() {
	for {
		select {
		case s := <-p.in:
			p.out <- s // want warning "once the reader of `p.out` has left"
		case <-p.quit:
			return
		}
	}
}

func (p *pump) next() string { return <-p.out }
func (p *pump) stop()        { close(p.quit) }

type careful struct {
	in, out chan string
	quit    chan struct{}
}

func newCareful() *careful {
	p := &careful{in: make(chan string), out: make(chan string), quit: make(chan struct{})}
	go p.run()
	return p
}

func (p *careful) run() {
	for {
		select {
		case s := <-p.in:
			select {
			case p.out <- s:
			case <-p.quit:
				return
			}
		case <-p.quit:
			return
		}
	}
}

func (p *careful) next() string { return <-p.out }
func (p *careful) stop()        { close(p.quit) }

// Nothing ends this one, and whoever needs a number comes and takes one.
type numbers struct{ ids chan int }

func (n *numbers) run() {
	go func() {
		for i := 0; i < 1_000_000; i++ {
			n.ids <- i
		}
	}()
}

func newNumbers() *numbers      { return &numbers{ids: make(chan int)} }
func (n *numbers) next() int    { return <-n.ids }
func (n *numbers) tryNext() int { return n.next() }

type reader struct {
	ctx    context.Context
	values chan int
	failed chan error
}

func open(ctx context.Context, produce func(*reader) error) *reader {
	r := &reader{ctx: ctx, values: make(chan int), failed: make(chan error)}
	go func() {
		r.failed <- produce(r) // want warning "once the reader of `r.failed` has left"
		close(r.failed)
	}()
	return r
}

func (r *reader) read() (int, error) {
	select {
	case <-r.ctx.Done():
		return 0, r.ctx.Err()
	case v := <-r.values:
		return v, nil
	case err := <-r.failed:
		return 0, errors.Join(err)
	}
}

type polled struct {
	values chan int
}

func newPolled() *polled {
	p := &polled{values: make(chan int)}
	go func() {
		for i := range 10 {
			p.values <- i
		}
	}()
	return p
}

// After a time-out the caller comes again.
func (p *polled) poll() (int, bool) {
	select {
	case v := <-p.values:
		return v, true
	case <-time.After(time.Second):
		return 0, false
	}
}

type pair struct {
	values chan int
	failed chan error
}

func start(work func(chan int) error) *pair {
	p := &pair{values: make(chan int), failed: make(chan error)}
	go func() {
		if err := work(p.values); err != nil {
			p.failed <- err
		}
		close(p.values)
	}()
	return p
}

// The values are closed only after the error went out.
func (p *pair) read() (int, error) {
	select {
	case v := <-p.values:
		return v, nil
	case err := <-p.failed:
		return 0, err
	}
}
