package p

import "sync"

type cache struct {
	mu sync.RWMutex
	m  map[string]int
}

func (c *cache) size() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.m)
}

func (c *cache) add(k string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.size() < 10 { // want error "`c.mu` is locked again by the goroutine that holds it"
		c.m[k] = 1
	}
}

func (c *cache) deep(k string) int { return c.size() + len(k) }

func (c *cache) throughTwo(k string) int {
	c.mu.Lock()
	n := c.deep(k) // want error "locked again"
	c.mu.Unlock()
	return n
}

func (c *cache) direct() {
	c.mu.Lock()
	c.m["a"] = 1
	c.mu.Lock() // want error "locked again"
	c.m["b"] = 2
	c.mu.Unlock()
}

func (c *cache) upgrade(k string) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.m[k] == 0 {
		c.mu.Lock() // want error "already holds it for reading"
		c.m[k] = 1
		c.mu.Unlock()
	}
}

func (c *cache) readers() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.size() + 1 // want warning "locked for reading twice"
}

func (c *cache) inDefer() {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.size() // want error "locked again"
	c.m["x"] = 1
}

func (c *cache) inLiteral() {
	c.mu.Lock()
	defer c.mu.Unlock()
	func() {
		c.mu.Lock() // want error "locked again"
		defer c.mu.Unlock()
		c.m["x"] = 1
	}()
}

func (c *cache) maybe(k string, deep func() bool) {
	if deep() {
		c.mu.Lock()
		c.m[k] = 1
		c.mu.Unlock()
	}
}

func (c *cache) callsMaybe(deep func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.maybe("k", deep) // want warning "locked again"
}

var reg sync.Mutex
var names []string

func register(n string) {
	reg.Lock()
	defer reg.Unlock()
	names = append(names, n)
}

func registerAll(ns []string) {
	reg.Lock()
	defer reg.Unlock()
	for _, n := range ns {
		register(n) // want error "`reg` is locked again"
	}
}

type base struct {
	sync.Mutex
	n int
}

func (b *base) inc() {
	b.Lock()
	b.n++
	b.Unlock()
}

type derived struct {
	base
	m int
}

func (d *derived) both() {
	d.Lock()
	defer d.Unlock()
	d.m++
	d.inc() // want error "locked again"
}

func lockIt(mu *sync.Mutex) { mu.Lock() }

func holds(mu *sync.Mutex, n *int) {
	lockIt(mu)
	*n++
	mu.Lock() // want error "`mu` is locked again"
	*n++
	mu.Unlock()
}

func (c *cache) param(other *cache) {
	c.mu.Lock()
	defer c.mu.Unlock()
	touch(c) // want error "locked again"
}

func touch(c *cache) {
	c.mu.Lock()
	c.m["t"]++
	c.mu.Unlock()
}

func (c *cache) once(o *sync.Once) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o.Do(func() {
		c.mu.Lock() // want error "locked again"
		c.m = map[string]int{}
		c.mu.Unlock()
	})
}

type node struct {
	mu   sync.Mutex
	self *node
	n    int
}

func (n *node) recurse(deep int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if deep > 0 {
		n.recurse(deep - 1) // want error "locked again"
	}
}

// Only where it fails does it not come to the lock.
func (c *cache) checked(k string) (int, error) {
	if k == "" {
		return 0, errEmpty
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.m[k], nil
}

var errEmpty error

func (c *cache) callsChecked(k string) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.checked(k) // want error "locked again"
}

type tree struct {
	mu       sync.RWMutex
	children []*tree
	levels   int
}

func (t *tree) grow() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.levels++
}

// One cause, told once: both calls take the lock that is held.
func (t *tree) depth(from int) int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	n := 0
	for i := range t.children {
		if i < t.levels {
			n += t.depth(from + i) // want warning "locked for reading twice"
		}
	}
	if from < t.levels {
		n += t.depth(from + 1)
	}
	return n
}

type shelf struct {
	mu    sync.Mutex
	books []int
}

func (s *shelf) countAll() {
	for i := range s.books {
		s.mu.Lock() // want error "locked again by the goroutine that holds it"
		defer s.mu.Unlock()
		s.books[i]++
	}
}

// Another lock each round: they are all let go at the end.
func countEach(shelves []*shelf) {
	for _, s := range shelves {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.books = nil
	}
}

func countSome(s *shelf, really bool) {
	if really {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.books = nil
	}
}
