package p

import (
	"log"
	"sync"
)

type pair struct {
	first, second sync.Once
	m             map[string]string
}

func (p *pair) nested() {
	p.first.Do(func() {
		p.second.Do(func() { p.m = map[string]string{} })
	})
}

func (p *pair) oneAfterTheOther() {
	p.first.Do(func() {})
	p.first.Do(func() {})
}

func (p *pair) ofAnother(other *pair) {
	p.first.Do(func() { other.first.Do(func() {}) })
}

func (p *pair) later() {
	p.first.Do(func() {
		go p.oneAfterTheOther()
	})
}

type dialer struct {
	once sync.Once
	up   chan struct{}
}

func newDialer() *dialer { return &dialer{up: make(chan struct{})} }

func (d *dialer) open() {
	d.once.Do(func() {
		go d.dial()
		<-d.up
	})
}

func (d *dialer) dial() { close(d.up) }

func loopEnds(o *sync.Once, n int) {
	o.Do(func() {
		for {
			if n--; n < 0 {
				return
			}
		}
	})
}

func fatal(o *sync.Once) {
	o.Do(func() { log.Fatal("no") })
}

var started = make(chan struct{})

func init() {
	go func() {
		for {
			log.Print("tick")
		}
	}()
	go close(started)
	<-started
}

type doer struct{ n int }

func (d *doer) Do(f func()) { f() }

func other(d *doer) {
	d.Do(func() { d.Do(func() {}) })
}

func withLock(o *sync.Once, mu *sync.Mutex, n *int) {
	o.Do(func() {
		mu.Lock()
		*n = 1
		mu.Unlock()
	})
	mu.Lock()
	*n = 2
	mu.Unlock()
}
