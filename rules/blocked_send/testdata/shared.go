// go 1.24

// Channels that leave their function.
package p

import (
	"context"
	"time"
)

type Event struct{ n int }

type Feed struct {
	events chan Event
	in     chan Event
	hole   chan Event
	done   chan struct{}
	slots  map[int][]chan Event
}

func (f *Feed) next() Event { return Event{} }

// Watch gives a channel to callers out of view.
func (f *Feed) Watch() <-chan Event {
	out := make(chan Event)
	go func() {
		for range time.Tick(time.Second) {
			out <- f.next() // want warning "when the caller of `\(\*Feed\).Watch` stops receiving"
		}
	}()
	return out
}

// Guarded can be told to stop.
func (f *Feed) Guarded(ctx context.Context) <-chan Event {
	out := make(chan Event)
	go func() {
		defer close(out)
		for {
			select {
			case out <- f.next():
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// One gives one answer, for which there is room.
func (f *Feed) One() <-chan Event {
	out := make(chan Event, 1)
	go func() { out <- f.next() }()
	return out
}

func New() *Feed {
	f := &Feed{events: make(chan Event), in: make(chan Event), done: make(chan struct{}), slots: map[int][]chan Event{}}
	go f.read()
	go f.produce()
	go f.ask()
	return f
}

// The only reader leaves when done is closed.
func (f *Feed) read() {
	for {
		select {
		case <-f.events:
		case <-f.done:
			return
		}
	}
}

func (f *Feed) produce() {
	for n := range 10 {
		f.events <- Event{n} // want warning "once the reader of `f.events` has left"
	}
}

func (f *Feed) Close() { close(f.done) }

// The reader of in goes on until the channel is closed.
func (f *Feed) Serve() {
	for range f.in {
	}
}

func (f *Feed) ask() { f.in <- Event{} }

func (f *Feed) Fall() {
	go func() {
		f.hole <- Event{} // want error "`f.hole` is nil"
	}()
}

type request struct {
	key   string
	reply chan int
}

type server struct {
	requests chan request
}

func newServer() *server {
	s := &server{requests: make(chan request)}
	go s.loop()
	return s
}

func (s *server) loop() {
	for r := range s.requests {
		r.reply <- len(r.key) // want warning "once the reader of `r.reply` has left"
	}
}

func (s *server) Ask(ctx context.Context, key string) (int, error) {
	r := request{key: key, reply: make(chan int)}
	s.requests <- r
	select {
	case n := <-r.reply:
		return n, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (s *server) Close() { close(s.requests) }

// From here on nothing is wrong, or nothing can be told.

// The elements of a map of slices are made here, and read by whoever asked.
func (f *Feed) Subscribe(id int) <-chan Event {
	c := make(chan Event, 1)
	f.slots[id] = append(f.slots[id], c)
	return c
}

func (f *Feed) Notify(id int) {
	go func() {
		for _, c := range f.slots[id] {
			c <- Event{id}
		}
	}()
}

// Local types hold channels that are followed no further.
func perServer(names []string) (n int) {
	type item struct {
		name  string
		reply chan int
	}
	var work []*item
	for _, name := range names {
		it := &item{name: name, reply: make(chan int, 1)}
		work = append(work, it)
		go fill(it.name, it.reply)
	}
	for _, it := range work {
		n += <-it.reply
	}
	return n
}

func fill(name string, reply chan int) { reply <- len(name) }

// A method of an interface is called by others.
type watcher interface{ watch() <-chan Event }

type etcd struct{}

func (etcd) watch() <-chan Event {
	ch := make(chan Event, 1)
	go func() { ch <- Event{} }()
	return ch
}

func run(w watcher) {
	for range w.watch() {
	}
}

// Whoever hands the channel in reads from it.
func Into(ch chan<- int) {
	go func() { ch <- 1 }()
}

// The channel is the key of a map, and read by whoever finds it there.
type hub struct {
	subs map[chan Event]bool
}

func (h *hub) add() {
	c := make(chan Event)
	h.subs[c] = true
	go func() { c <- Event{} }()
}

func (h *hub) each() {
	for c := range h.subs {
		println((<-c).n)
	}
}
