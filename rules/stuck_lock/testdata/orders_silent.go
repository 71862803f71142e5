package p

import "sync"

type pairOf struct {
	a, b, gate sync.Mutex
	x, y       sync.RWMutex
	n          int
}

func (p *pairOf) sameOrder() {
	p.a.Lock()
	p.b.Lock()
	p.b.Unlock()
	p.a.Unlock()
}

func (p *pairOf) sameOrderAgain() {
	p.a.Lock()
	defer p.a.Unlock()
	p.b.Lock()
	defer p.b.Unlock()
	p.n++
}

type gated struct {
	a, b, gate sync.Mutex
}

func (p *gated) one() {
	p.gate.Lock()
	p.a.Lock()
	p.b.Lock()
	p.b.Unlock()
	p.a.Unlock()
	p.gate.Unlock()
}

func (p *gated) other() {
	p.gate.Lock()
	p.b.Lock()
	p.a.Lock()
	p.a.Unlock()
	p.b.Unlock()
	p.gate.Unlock()
}

type readers struct{ x, y sync.RWMutex }

func (p *readers) xy() {
	p.x.RLock()
	p.y.RLock()
	p.y.RUnlock()
	p.x.RUnlock()
}

func (p *readers) yx() {
	p.y.RLock()
	p.x.RLock()
	p.x.RUnlock()
	p.y.RUnlock()
}

type account struct {
	mu sync.Mutex
	n  int
}

func transfer(from, to *account, n int) {
	from.mu.Lock()
	defer from.mu.Unlock()
	to.mu.Lock()
	defer to.mu.Unlock()
	from.n -= n
	to.n += n
}

// The first is let go before the second is taken.
type apart struct{ a, b sync.Mutex }

func (p *apart) one() {
	p.a.Lock()
	p.a.Unlock()
	p.b.Lock()
	p.b.Unlock()
}

func (p *apart) two() {
	p.b.Lock()
	p.a.Lock()
	p.a.Unlock()
	p.b.Unlock()
}

// A value that nobody else has yet.
type fresh struct{ a, b sync.Mutex }

func newFresh() *fresh {
	f := &fresh{}
	f.b.Lock()
	f.a.Lock()
	f.a.Unlock()
	f.b.Unlock()
	return f
}

func (f *fresh) use() {
	f.a.Lock()
	f.b.Lock()
	f.b.Unlock()
	f.a.Unlock()
}

func oneGoroutine() {
	var a, b sync.Mutex
	a.Lock()
	b.Lock()
	b.Unlock()
	a.Unlock()
	b.Lock()
	a.Lock()
	a.Unlock()
	b.Unlock()
}

// One order only comes about under a condition of what is called.
type session struct {
	in, handshake sync.Mutex
	done, again   bool
}

func (s *session) Read() {
	s.in.Lock()
	defer s.in.Unlock()
	s.renegotiate()
}

func (s *session) renegotiate() {
	if s.again {
		s.handshake.Lock()
		s.done = false
		s.handshake.Unlock()
	}
}

func (s *session) Handshake() {
	s.handshake.Lock()
	defer s.handshake.Unlock()
	if s.done {
		return
	}
	s.in.Lock()
	defer s.in.Unlock()
	s.done = true
}
