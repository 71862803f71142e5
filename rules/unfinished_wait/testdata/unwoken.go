package unwoken

import "sync"

type pipe struct {
	mu     sync.Mutex
	filled *sync.Cond
	data   []byte
	closed bool
}

func newPipe() *pipe {
	p := &pipe{}
	p.filled = sync.NewCond(&p.mu)
	return p
}

func (p *pipe) take() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.data) == 0 && !p.closed {
		p.filled.Wait()
	}
	data := p.data
	p.data = nil
	return data
}

func (p *pipe) put(data []byte) {
	p.mu.Lock()
	p.data = append(p.data, data...)
	p.mu.Unlock()
	p.filled.Signal()
}

func (p *pipe) close() {
	p.mu.Lock()
	p.closed = true // want warning "not woken to see it"
	p.mu.Unlock()
}

// The same with a broadcast in whoever calls, or further down.
type tube struct {
	mu     sync.Mutex
	filled *sync.Cond
	size   int
	closed bool
	broken bool
}

func newTube() *tube {
	t := &tube{}
	t.filled = sync.NewCond(&t.mu)
	t.closed = true
	t.closed = false
	return t
}

func (t *tube) wait() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	for {
		if t.closed || t.broken {
			return 0
		}
		if t.size > 0 {
			return t.size
		}
		t.filled.Wait()
	}
}

func (t *tube) mark() { t.closed = true }

func (t *tube) close() {
	t.mu.Lock()
	t.mark()
	t.mu.Unlock()
	t.filled.Broadcast()
}

func (t *tube) fail() {
	t.mu.Lock()
	t.broken = true
	t.mu.Unlock()
	t.wake()
}

func (t *tube) wake() { t.filled.Broadcast() }

func (t *tube) grow(n int) {
	t.mu.Lock()
	t.size += n
	t.mu.Unlock()
	t.filled.Signal()
}
