package fields

import (
	"context"
	"fmt"
	"sync"
)

type item struct{ id int }

func (i item) ok() bool { return i.id > 0 }

type server struct {
	wg   sync.WaitGroup
	work chan item
}

func (s *server) handle(i item) {
	s.wg.Add(1)
	go func() {
		if !i.ok() {
			return
		}
		fmt.Println(i)
		s.wg.Done()
	}()
}

func (s *server) Stop() {
	s.wg.Wait() // want error "never ends if the goroutine leaves without `s.wg.Done"
}

type careful struct {
	wg sync.WaitGroup
}

func (c *careful) handle(i item) {
	c.wg.Add(1)
	go c.run(i)
}

func (c *careful) run(i item) {
	defer c.wg.Done()
	if !i.ok() {
		return
	}
	fmt.Println(i)
}

func (c *careful) Stop() {
	c.wg.Wait()
}

type shared struct {
	wg sync.WaitGroup
}

func (s *shared) handle(i item, failed func(func())) {
	s.wg.Add(1)
	go func() {
		if !i.ok() {
			failed(func() { s.wg.Done() })
			return
		}
		s.wg.Done()
	}()
}

func (s *shared) Stop() { s.wg.Wait() }

type copied struct {
	wg sync.WaitGroup
}

func (c *copied) start(ctx context.Context) {
	c.wg.Add(1)
	go c.loop(ctx)
}

func (c copied) loop(ctx context.Context) {
	defer c.wg.Done() // want error "counts down a copy"
	<-ctx.Done()
}

func (c *copied) Stop() { c.wg.Wait() }

type pointed struct {
	wg *sync.WaitGroup
}

func (p pointed) start(ctx context.Context) {
	p.wg.Add(1)
	go p.loop(ctx)
}

func (p pointed) loop(ctx context.Context) {
	defer p.wg.Done()
	<-ctx.Done()
}

func (p pointed) Stop() { p.wg.Wait() }

type looping struct {
	wg sync.WaitGroup
}

func (l *looping) start(ctx context.Context, in chan item) {
	l.wg.Add(1)
	go func() {
		defer l.wg.Done()
		for {
			select {
			case <-ctx.Done():
				return
			case i := <-in:
				if !i.ok() {
					return
				}
			}
		}
	}()
}

func (l *looping) Stop() { l.wg.Wait() }

// Counted in methods of its own.

type desk struct {
	guests sync.WaitGroup
	names  map[string]bool
}

func (d *desk) enter(name string) {
	d.names[name] = true
	d.guests.Add(1)
}

func (d *desk) leave(name string) {
	delete(d.names, name)
	d.guests.Done()
}

func (d *desk) Serve(name string) {
	d.enter(name)
	go d.serve(name)
}

func (d *desk) serve(name string) {
	if name == "" {
		return
	}
	defer d.leave(name)
	println(name)
}

func (d *desk) Close() {
	d.guests.Wait() // want error "never ends if the goroutine leaves without"
}

type fairDesk struct {
	guests sync.WaitGroup
	names  map[string]bool
}

func (d *fairDesk) enter(name string) {
	d.names[name] = true
	d.guests.Add(1)
}

func (d *fairDesk) leave(name string) {
	delete(d.names, name)
	d.guests.Done()
}

func (d *fairDesk) Serve(name string) {
	d.enter(name)
	go d.serve(name)
}

func (d *fairDesk) serve(name string) {
	if name == "" {
		d.leave(name)
		return
	}
	defer d.leave(name)
	println(name)
}

func (d *fairDesk) Close() {
	d.guests.Wait()
}
