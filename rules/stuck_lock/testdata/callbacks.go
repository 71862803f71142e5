package hub

import "sync"

type Hub struct {
	mu     sync.Mutex
	rw     sync.RWMutex
	subs   map[int]func(string)
	onMiss func(int)
	onFull func(int)
}

func NewHub() *Hub {
	h := &Hub{subs: map[int]func(string){}}
	h.onMiss = h.add
	h.onFull = func(int) {}
	return h
}

func (h *Hub) add(id int) {
	h.mu.Lock()
	h.subs[id] = func(string) {}
	h.mu.Unlock()
}

func (h *Hub) Remove(id int) {
	h.mu.Lock()
	delete(h.subs, id)
	h.mu.Unlock()
}

func (h *Hub) each(f func(id int)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id := range h.subs {
		f(id)
	}
}

func (h *Hub) eachLoose(f func(id int)) {
	h.mu.Lock()
	ids := make([]int, 0, len(h.subs))
	for id := range h.subs {
		ids = append(ids, id)
	}
	h.mu.Unlock()
	for _, id := range ids {
		f(id)
	}
}

func (h *Hub) Clear() {
	h.each(func(id int) {
		h.Remove(id) // want error "calls what it is handed with `h.mu` locked"
	})
}

func (h *Hub) ClearByName() {
	h.each(h.Remove) // want error "calls what it is handed with `h.mu` locked"
}

func (h *Hub) ClearLoose() {
	h.eachLoose(func(id int) { h.Remove(id) })
}

// Another hub's lock is another lock.
func (h *Hub) MoveTo(other *Hub) {
	h.each(func(id int) { other.add(id) })
}

// What is started there waits for the end of the round, and no longer.
func (h *Hub) ClearLater() {
	h.each(func(id int) {
		go h.Remove(id)
	})
}

// What is handed in runs before the lock is taken.
func (h *Hub) after(f func() int) {
	n := f()
	h.mu.Lock()
	h.subs[n] = nil
	h.mu.Unlock()
}

func (h *Hub) Next() {
	h.after(func() int {
		h.mu.Lock()
		defer h.mu.Unlock()
		return len(h.subs)
	})
}

func (h *Hub) Serve(id int) {
	h.mu.Lock()
	_, ok := h.subs[id]
	if !ok {
		h.onMiss(id) // want error "locked again"
	}
	h.onFull(id)
	h.mu.Unlock()
}

func (h *Hub) ServeLoose(id int) {
	h.mu.Lock()
	_, ok := h.subs[id]
	h.mu.Unlock()
	if !ok {
		h.onMiss(id)
	}
}

// A field that holds another object's method takes that object's lock.
type Peer struct {
	mu   sync.Mutex
	n    int
	poke func()
}

func pair() (*Peer, *Peer) {
	a, b := &Peer{}, &Peer{}
	a.poke = b.touch
	return a, b
}

func (p *Peer) touch() {
	p.mu.Lock()
	p.n++
	p.mu.Unlock()
}

func (p *Peer) Tell() {
	p.mu.Lock()
	p.poke()
	p.mu.Unlock()
}
