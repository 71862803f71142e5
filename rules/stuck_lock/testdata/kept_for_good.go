package a

import "sync"

type line struct {
	mu      sync.Mutex
	waiting int
	open    bool
}

// No way through lets it go.

func (l *line) untilEmpty() {
	for {
		l.mu.Lock() // want error "`l.mu` stays locked on every way out of .*untilEmpty"
		if l.waiting == 0 {
			break
		}
		l.mu.Unlock()
	}
	println("empty")
}

func (l *line) begin() {
	l.mu.Lock() // want error "`l.mu` stays locked on every way out of"
	l.open = true
}

func besideGoroutine(counts []int) int {
	var mu sync.Mutex
	total := 0
	for _, n := range counts {
		go func() {
			mu.Lock()
			defer mu.Unlock()
			total += n
		}()
	}
	mu.Lock() // want error "`mu` stays locked on every way out of besideGoroutine"
	return total
}

// What is above has a reader in its own right.

func (l *line) size() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waiting
}

// A function that returns with the lock, and one that lets it go.

type gate struct {
	mu sync.Mutex
	n  int
}

func (g *gate) lockIdle() {
	for {
		g.mu.Lock()
		if g.n == 0 {
			return
		}
		g.mu.Unlock()
	}
}

func (g *gate) use() {
	g.lockIdle()
	g.n++
	g.mu.Unlock()
}

type pair struct{ mu sync.RWMutex }

func (p *pair) enter() { p.mu.RLock() }
func (p *pair) leave() { p.mu.RUnlock() }

// Two calls deep.

type deep struct {
	mu sync.Mutex
	n  int
}

func (d *deep) acquire()    { d.mu.Lock() }
func (d *deep) acquireTwo() { d.acquire(); d.n += 2 }

func (d *deep) two() {
	d.acquireTwo()
	defer d.mu.Unlock()
	println(d.n)
}

// Who hands it in may let it go, and so may other packages.

func lockFor(mu *sync.Mutex, busy func() bool) {
	for {
		mu.Lock()
		if !busy() {
			break
		}
		mu.Unlock()
	}
}

type Shared struct{ sync.Mutex }

func Enter(s *Shared) { s.Lock() }

// Nobody comes to this lock any more.

func atTheEnd(visit func(func())) bool {
	var mu sync.Mutex
	seen := false
	visit(func() {
		mu.Lock()
		seen = true
		mu.Unlock()
	})
	mu.Lock()
	return seen
}

// The wait names its lock though the struct had no name where it was made.

type relay struct {
	mu sync.Mutex
	ch chan int
}

func unnamed() {
	r := &relay{ch: make(chan int)}
	done := make(chan struct{})
	go func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.ch <- 1 // want "waits with `r.mu` locked"
	}()
	go func() {
		defer close(done)
		r.mu.Lock()
		defer r.mu.Unlock()
		<-r.ch
	}()
	<-done
}
