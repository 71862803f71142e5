package p

import "sync"

type tree struct {
	mu          sync.Mutex
	rw          sync.RWMutex
	left, right *tree
	kids        []*tree
	parent      *tree
	n           int
}

func (t *tree) sum() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.n
	if t.left != nil {
		n += t.left.sum()
	}
	for _, k := range t.kids {
		n += k.sum()
	}
	return n
}

func (t *tree) equal(other *tree) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	other.mu.Lock()
	defer other.mu.Unlock()
	return t.n == other.n
}

func (t *tree) up() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.parent != nil {
		t.parent.up()
	}
}

func (t *tree) handOverHand() int {
	t.mu.Lock()
	cur := t
	for cur.left != nil {
		next := cur.left
		next.mu.Lock()
		cur.mu.Unlock()
		cur = next
	}
	n := cur.n
	cur.mu.Unlock()
	return n
}

func (t *tree) each(f func(*tree)) {
	for _, k := range t.kids {
		k.mu.Lock()
		f(k)
		k.mu.Unlock()
	}
}

func (t *tree) unlocksFirst() {
	t.mu.Unlock()
	t.n++
	t.mu.Lock()
}

func (t *tree) lendsOut() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.unlocksFirst()
}

func (t *tree) add(n int, locked bool) {
	if !locked {
		t.mu.Lock()
		defer t.mu.Unlock()
	}
	t.n += n
}

func (t *tree) addTwo() {
	t.mu.Lock()
	t.add(1, true)
	t.mu.Unlock()
	t.add(1, false)
}

func (t *tree) started() {
	t.mu.Lock()
	defer t.mu.Unlock()
	go t.sum()
	go func() {
		t.mu.Lock()
		t.n++
		t.mu.Unlock()
	}()
}

func (t *tree) later() func() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return func() int { return t.sum() }
}

func (t *tree) readTwice() int {
	t.rw.RLock()
	defer t.rw.RUnlock()
	return t.readOnce()
}

func (t *tree) readOnce() int {
	t.rw.RLock()
	defer t.rw.RUnlock()
	return t.n
}

func (t *tree) sequence() {
	t.mu.Lock()
	t.n++
	t.mu.Unlock()
	t.mu.Lock()
	t.n++
	t.mu.Unlock()
}

func (t *tree) copyOf() int {
	c := snapshot(*t)
	return c
}

type valued struct {
	mu sync.Mutex
	n  int
}

func (v valued) get() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.n
}

func (v *valued) copies() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.get()
}

func snapshot(t tree) int { return t.n }

type index struct {
	mu sync.Mutex
	m  map[string]*index
}

func (i *index) pair(a, b string) {
	x, y := i.m[a], i.m[b]
	x.mu.Lock()
	defer x.mu.Unlock()
	y.mu.Lock()
	defer y.mu.Unlock()
}

func (i *index) elements() {
	i.m["a"].mu.Lock()
	i.m["b"].mu.Lock()
	i.m["a"].mu.Unlock()
	i.m["b"].mu.Unlock()
}

type current struct {
	mu  sync.Mutex
	cur *valued
}

func (c *current) rotate() {
	old := c.cur
	c.cur = &valued{}
	old.mu.Lock()
	c.cur.mu.Lock()
	c.cur.mu.Unlock()
	old.mu.Unlock()
}

func (c *current) unlockThenCall() {
	c.mu.Lock()
	if c.cur == nil {
		c.mu.Unlock()
		c.refill()
		c.mu.Lock()
	}
	c.mu.Unlock()
}

func (c *current) refill() {
	c.mu.Lock()
	c.cur = &valued{}
	c.mu.Unlock()
}

type custom struct{ n int }

func (c *custom) Lock()   { c.n++ }
func (c *custom) Unlock() { c.n-- }

func reenter(c *custom) {
	c.Lock()
	c.Lock()
	c.Unlock()
	c.Unlock()
}

// Whether the caller holds it is told by an argument that was asked about.
type update struct{ requested bool }

func (t *tree) handle(u *update) {
	if u.requested {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.n++
	}
	t.alert(u.requested)
}

func (t *tree) alert(locked bool) {
	if !locked {
		t.mu.Lock()
		defer t.mu.Unlock()
	}
	t.n--
}
