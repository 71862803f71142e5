package p

import "sync"

type conf struct {
	once sync.Once
	mu   sync.Mutex
	m    map[string]string
}

func (c *conf) direct() {
	c.once.Do(func() {
		c.once.Do(func() {}) // want error "`c.once` runs already"
	})
}

func (c *conf) load() {
	c.m = map[string]string{}
	c.m["a"] = c.get("b")
}

func (c *conf) get(k string) string {
	c.once.Do(c.load) // want error "`c.once` runs already"
	return c.m[k]
}

var global sync.Once

func setup() { start() }

func start() {
	global.Do(func() {
		setup() // want error "`global` runs already"
	})
}

type link struct {
	once sync.Once
	up   chan struct{}
}

func newLink() *link { return &link{up: make(chan struct{})} }

func (l *link) open() {
	l.once.Do(func() {
		go l.dial()
		<-l.up // want error "this receive waits inside `l.once`"
	})
}

func (l *link) dial() {
	l.once.Do(func() {})
	close(l.up)
}

func forever(o *sync.Once) {
	o.Do(func() { // want error "never comes back"
		for {
			work()
		}
	})
}

func work() {}

func lazily() func() {
	return sync.OnceFunc(func() { // want error "never comes back"
		select {}
	})
}

func init() { // want error "never comes back"
	for {
		work()
	}
}

var ready = make(chan struct{})

var token = func() int {
	<-ready // want error "nobody ends this wait"
	return 1
}()

type both struct {
	once sync.Once
	mu   sync.Mutex
	n    int
}

func (b *both) Fill() {
	b.once.Do(func() {
		b.mu.Lock() // want note "entered in both orders"
		b.n = 1
		b.mu.Unlock()
	})
}

func (b *both) Get() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.Fill()
	return b.n
}
