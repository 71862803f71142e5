package p

import (
	"sync"
	"time"
)

type feed struct {
	mu    sync.Mutex
	queue chan string
	plain chan string
	n     int
}

func newFeed() *feed {
	f := &feed{queue: make(chan string, 8), plain: make(chan string)}
	go f.drain()
	go f.read()
	return f
}

// It has a buffer.
func (f *feed) put(s string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queue <- s
}

func (f *feed) drain() {
	for s := range f.queue {
		f.mu.Lock()
		f.n += len(s)
		f.mu.Unlock()
	}
}

// The reader needs no lock.
func (f *feed) say(s string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.plain <- s
}

func (f *feed) read() {
	for range f.plain {
	}
}

type offer struct {
	mu  sync.Mutex
	out chan int
	n   int
}

func newOffer() *offer { return &offer{out: make(chan int)} }

func (o *offer) try(n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.out <- n:
	default:
	}
}

func (o *offer) loop() {
	for n := range o.out {
		o.mu.Lock()
		o.n += n
		o.mu.Unlock()
	}
}

func unlockedBefore(items []int) int {
	var mu sync.Mutex
	var wg sync.WaitGroup
	sum := 0
	mu.Lock()
	sum = 1
	mu.Unlock()
	for _, item := range items {
		wg.Add(1)
		go func() {
			defer wg.Done()
			mu.Lock()
			sum += item
			mu.Unlock()
		}()
	}
	wg.Wait()
	return sum
}

func otherLock(items []int) int {
	var mu, other sync.Mutex
	var wg sync.WaitGroup
	sum := 0
	mu.Lock()
	defer mu.Unlock()
	for _, item := range items {
		wg.Add(1)
		go func() {
			defer wg.Done()
			other.Lock()
			sum += item
			other.Unlock()
		}()
	}
	wg.Wait()
	return sum
}

func doneBefore(items []int) int {
	var mu sync.Mutex
	var wg sync.WaitGroup
	sum := 0
	mu.Lock()
	defer mu.Unlock()
	for _, item := range items {
		wg.Add(1)
		go func() {
			wg.Done()
			mu.Lock()
			sum += item
			mu.Unlock()
		}()
	}
	wg.Wait()
	return sum
}

type conn struct {
	mu    sync.Mutex
	ready chan struct{}
	n     int
}

func newConn() *conn {
	c := &conn{ready: make(chan struct{})}
	go c.dial()
	return c
}

// One of those who wake it needs no lock.
func (c *conn) dial() {
	if c.n > 0 {
		close(c.ready)
		return
	}
	c.mu.Lock()
	c.n++
	c.mu.Unlock()
	close(c.ready)
}

func (c *conn) await() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	<-c.ready
	return c.n
}

// What is locked before the goroutine starts is locked by then: the other side needs nothing of it.
func lockedBeforehand(f *feed) error {
	f.mu.Lock()
	f.n++
	f.mu.Unlock()
	result := make(chan error)
	held := make(chan struct{})
	go func() {
		f.mu.Lock()
		close(held)
		result <- nil
	}()
	<-held
	f.mu.Unlock()
	return <-result
}

// Locked so that others wait, and let go by somebody else.
func lockedForAWhile(d time.Duration, n int) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	mu.Lock()
	go func() {
		time.Sleep(d)
		mu.Unlock()
	}()
	for i := 0; i < n; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			mu.Lock()
			mu.Unlock()
		}()
	}
	wg.Wait()
}

func lockedAsASignal(ready func()) {
	var mu sync.Mutex
	go func() {
		mu.Lock()
		mu.Lock()
	}()
	ready()
	mu.Unlock()
}
