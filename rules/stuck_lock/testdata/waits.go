package p

import "sync"

type hub struct {
	mu   sync.Mutex
	subs map[string]int
	evs  chan string
}

func newHub() *hub {
	h := &hub{subs: map[string]int{}, evs: make(chan string)}
	go h.loop()
	return h
}

func (h *hub) loop() {
	for name := range h.evs {
		h.mu.Lock()
		h.subs[name]++
		h.mu.Unlock()
	}
}

func (h *hub) emit(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.evs <- name // want warning "this send waits with `h.mu` locked, and those who would receive wait for that lock"
}

func counted(n int) int {
	var mu sync.Mutex
	got := make(chan int)
	sum := 0
	go func() {
		mu.Lock()
		sum++
		mu.Unlock()
		got <- sum
	}()
	mu.Lock()
	defer mu.Unlock()
	return sum + <-got // want error "this receive waits with `mu` locked"
}

func grouped(items []int) int {
	var mu sync.Mutex
	var wg sync.WaitGroup
	sum := 0
	mu.Lock()
	for _, item := range items {
		wg.Add(1)
		go func() {
			defer wg.Done()
			mu.Lock()
			sum += item
			mu.Unlock()
		}()
	}
	wg.Wait() // want error "this Wait waits with `mu` locked"
	mu.Unlock()
	return sum
}

func groupedGo(items []int) int {
	var mu sync.Mutex
	var wg sync.WaitGroup
	sum := 0
	mu.Lock()
	defer mu.Unlock()
	for _, item := range items {
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			sum += item
		})
	}
	wg.Wait() // want error "this Wait waits with `mu` locked"
	return sum
}

type asker struct {
	mu      sync.Mutex
	answers chan int
	n       int
}

func newAsker() *asker { return &asker{answers: make(chan int)} }

func (a *asker) give() {
	a.mu.Lock()
	defer a.mu.Unlock()
	// One cause, one finding: the other side holds the lock as well.
	a.answers <- a.n // want error "this send waits with `a.mu` locked"
}

func (a *asker) take() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return <-a.answers
}

// The loop may stand at the lock when it is told to stop.

type sweeper struct {
	mu    sync.Mutex
	items map[string]int
	tick  <-chan int
	stop  chan struct{}
	done  chan struct{}
	all   sync.WaitGroup
}

func newSweeper(tick <-chan int) *sweeper {
	s := &sweeper{items: map[string]int{}, tick: tick, stop: make(chan struct{}), done: make(chan struct{})}
	s.all.Add(1)
	go s.loop()
	return s
}

func (s *sweeper) loop() {
	defer s.all.Done()
	defer close(s.done)
	for {
		select {
		case <-s.tick:
			s.sweep()
		case <-s.stop:
			return
		}
	}
}

func (s *sweeper) sweep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.items)
}

func (s *sweeper) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items = nil
	close(s.stop)
	<-s.done // want warning "this receive waits with `s.mu` locked"
}

func (s *sweeper) wait() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all.Wait() // want warning "this Wait waits with `s.mu` locked"
}

func (s *sweeper) closeUnlocked() {
	s.mu.Lock()
	s.items = nil
	s.mu.Unlock()
	close(s.stop)
	<-s.done
}

// Readers keep no readers out.

type gauge struct {
	mu   sync.RWMutex
	n    int
	stop chan struct{}
	done chan struct{}
}

func newGauge() *gauge {
	g := &gauge{stop: make(chan struct{}), done: make(chan struct{})}
	go g.loop()
	return g
}

func (g *gauge) loop() {
	defer close(g.done)
	for {
		select {
		case <-g.stop:
			return
		default:
			g.mu.RLock()
			println(g.n)
			g.mu.RUnlock()
		}
	}
}

func (g *gauge) close() {
	g.mu.RLock()
	defer g.mu.RUnlock()
	close(g.stop)
	<-g.done
}
