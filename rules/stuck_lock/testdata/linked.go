package linked

import "sync"

type tenant struct {
	mu    sync.Mutex
	house *house
	gone  bool
}

type house struct {
	mu      sync.Mutex
	tenants map[int]*tenant
}

// From the tenant to its house.
func (t *tenant) leave(number int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.gone = true
	t.house.forget(number) // want warning "locks `t.mu` and then `t.house.mu`"
}

func (h *house) forget(number int) {
	h.mu.Lock()
	delete(h.tenants, number)
	h.mu.Unlock()
}

// From the house to its tenants.
func (h *house) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, t := range h.tenants {
		t.mu.Lock()
		if !t.gone {
			n++
		}
		t.mu.Unlock()
	}
	return n
}

// The same two types, and nobody holds the one lock while it takes the other on the way back.
type guest struct {
	mu    sync.Mutex
	hotel *hotel
	gone  bool
}

type hotel struct {
	mu     sync.Mutex
	guests map[int]*guest
}

func (g *guest) leave(number int) {
	g.mu.Lock()
	g.gone = true
	g.mu.Unlock()
	g.hotel.forget(number)
}

func (h *hotel) forget(number int) {
	h.mu.Lock()
	delete(h.guests, number)
	h.mu.Unlock()
}

func (h *hotel) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, g := range h.guests {
		g.mu.Lock()
		if !g.gone {
			n++
		}
		g.mu.Unlock()
	}
	return n
}

// Nodes of a tree: parents and children are of one type, and the order may well be from the root down.
type node struct {
	mu       sync.Mutex
	parent   *node
	children []*node
	sum      int
}

func (n *node) down() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.children {
		c.mu.Lock()
		c.sum = n.sum
		c.mu.Unlock()
	}
}

func (n *node) up() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.parent.mu.Lock()
	n.parent.sum += n.sum
	n.parent.mu.Unlock()
}

// What is looked up is taken out of the collection first: who goes through all of it does not meet it any more.
type shelf struct {
	mu    sync.Mutex
	boxes map[string]*box
	trash []string
}

type box struct {
	mu    sync.Mutex
	names []string
}

func (s *shelf) remove(key string) {
	s.mu.Lock()
	b := s.boxes[key]
	delete(s.boxes, key)
	s.mu.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	s.mu.Lock()
	s.trash = append(s.trash, b.names...)
	s.mu.Unlock()
}

func (s *shelf) sizes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, b := range s.boxes {
		b.mu.Lock()
		n += len(b.names)
		b.mu.Unlock()
	}
	return n
}
