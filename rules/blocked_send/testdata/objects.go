// Channels in fields of objects that stay in the function which makes them are counted like its own.
package objects

import (
	"errors"
	"net"
)

type proxy struct {
	near, far net.Conn
	ended     chan error
}

func (p *proxy) pump(dst, src net.Conn) {
	buf := make([]byte, 1024)
	for {
		n, err := src.Read(buf)
		if err != nil {
			p.ended <- err
			return
		}
		if _, err := dst.Write(buf[:n]); err != nil {
			p.ended <- err // want error "more is sent on `p.ended` than `runBoth` receives"
			return
		}
	}
}

func runBoth(near, far net.Conn) error {
	p := &proxy{near: near, far: far, ended: make(chan error)}
	go p.pump(near, far)
	go p.pump(far, near)
	err := <-p.ended
	near.Close()
	far.Close()
	return err
}

type roomy struct{ ended chan error }

func (r *roomy) pump(src net.Conn) {
	_, err := src.Read(make([]byte, 1024))
	r.ended <- err
}

func runRoomy(near, far net.Conn) error {
	r := &roomy{ended: make(chan error, 2)}
	go r.pump(near)
	go r.pump(far)
	err := <-r.ended
	near.Close()
	far.Close()
	return err
}

type job struct {
	out chan int
	do  func() int
}

func newJob(f func() int) *job {
	return &job{out: make(chan int), do: f}
}

func (j *job) start() {
	go func() {
		j.out <- j.do() // want error "more is sent on `j.out` than is received"
	}()
}

func (j *job) wait() int { return <-j.out }

func compute(f func() int, check func() error) (int, error) {
	j := newJob(f)
	j.start()
	if err := check(); err != nil {
		return 0, errors.New("no")
	}
	return j.wait(), nil
}

type lamp struct{ stop chan bool }

func newLamp() *lamp {
	l := &lamp{stop: make(chan bool)}
	go l.run()
	return l
}

func (l *lamp) run() { <-l.stop }

func (l *lamp) Stop() {
	l.stop <- true // want error "more is sent on `l.stop` than is ever received"
}

func useLamp(fail bool) {
	l := newLamp()
	defer l.Stop()
	if fail {
		l.Stop()
	}
}

// Whether the second call still sends is up to the state.
type careful struct {
	stop    chan bool
	stopped bool
}

func newCareful() *careful {
	c := &careful{stop: make(chan bool)}
	go c.run()
	return c
}

func (c *careful) run() { <-c.stop }

func (c *careful) Stop() {
	if c.stopped {
		return
	}
	c.stopped = true
	c.stop <- true
}

func useCareful(fail bool) {
	c := newCareful()
	defer c.Stop()
	if fail {
		c.Stop()
	}
}

// Who gets the object may go on with it.
type shared struct{ out chan int }

func share(f func() int, keep func(*shared)) {
	s := &shared{out: make(chan int)}
	go s.run(f)
	keep(s)
}

func (s *shared) run(f func() int) { s.out <- f() }

func readShared() {
	share(func() int { return 1 }, func(s *shared) { <-s.out })
}

func tooOften(f func()) {
	stop := make(chan bool)
	go func() {
		f()
		<-stop
	}()
	stop <- true
	stop <- true // want error "more is sent on `stop` than is ever received"
}

// The others send too: their answers are not the owner's.
func pingPong() {
	ball := make(chan bool)
	go func() {
		<-ball
		ball <- true
	}()
	ball <- true
	<-ball
}

// Nothing is ever put into the list.
type fan struct{ outs []chan int }

func (f *fan) broadcast(v int) {
	for _, o := range f.outs {
		go func() { o <- v }()
	}
}
