// Answers to calls that a function makes and notes down for the one who asks.
package replies

import (
	"errors"
	"sync"
	"time"
)

var errLate = errors.New("late")

type conn interface {
	Write(id int) error
	Read() (id, value int, err error)
}

type pending struct {
	id    int
	reply chan int
}

type client struct {
	c     conn
	mu    sync.Mutex
	last  int
	calls map[int]*pending
}

func start(c conn) *client {
	cl := &client{c: c, calls: map[int]*pending{}}
	go cl.run()
	return cl
}

func (c *client) run() {
	for {
		id, value, err := c.c.Read()
		if err != nil {
			return
		}
		if p := c.take(id); p != nil {
			p.reply <- value // want warning "once the reader of `p.reply` has left"
		}
	}
}

func (c *client) take(id int) *pending {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.calls[id]
	delete(c.calls, id)
	return p
}

func (c *client) register() *pending {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	p := &pending{id: c.last, reply: make(chan int)}
	c.calls[p.id] = p
	return p
}

func (c *client) ask() (int, error) {
	p := c.register()
	if err := c.c.Write(p.id); err != nil {
		c.take(p.id)
		return 0, err
	}
	select {
	case v := <-p.reply:
		return v, nil
	case <-time.After(time.Second):
		c.take(p.id)
		return 0, errLate
	}
}

// The one who asks looks once more when somebody has taken the call out already.

type patient struct {
	c     conn
	mu    sync.Mutex
	calls map[int]*wish
}

type wish struct {
	id    int
	reply chan int
}

func startPatient(c conn) *patient {
	p := &patient{c: c, calls: map[int]*wish{}}
	go p.run()
	return p
}

func (p *patient) run() {
	for {
		id, value, err := p.c.Read()
		if err != nil {
			return
		}
		if w := p.take(id); w != nil {
			w.reply <- value
		}
	}
}

func (p *patient) take(id int) *wish {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.calls[id]
	delete(p.calls, id)
	return w
}

func (p *patient) register(id int) *wish {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := &wish{id: id, reply: make(chan int)}
	p.calls[id] = w
	return w
}

func (p *patient) ask(id int) (int, error) {
	w := p.register(id)
	select {
	case v := <-w.reply:
		return v, nil
	case <-time.After(time.Second):
		if p.take(id) == nil {
			return <-w.reply, nil
		}
		return 0, errLate
	}
}
