package subscribers

import "sync"

type Feed struct {
	mu      sync.Mutex
	readers map[chan int]bool
}

func (f *Feed) Subscribe() chan int {
	c := make(chan int)
	f.mu.Lock()
	f.readers[c] = true
	f.mu.Unlock()
	return c
}

func (f *Feed) Cancel(c chan int) {
	f.mu.Lock()
	delete(f.readers, c)
	f.mu.Unlock()
}

func (f *Feed) Publish(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.readers {
		c <- n // want warning "whoever leaves through"
	}
}

// Who does not receive at once is left out.
type Ticker struct {
	mu      sync.Mutex
	readers map[chan string]bool
}

func (t *Ticker) Subscribe() chan string {
	c := make(chan string)
	t.mu.Lock()
	t.readers[c] = true
	t.mu.Unlock()
	return c
}

func (t *Ticker) Cancel(c chan string) {
	t.mu.Lock()
	delete(t.readers, c)
	t.mu.Unlock()
}

func (t *Ticker) Publish(s string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for c := range t.readers {
		select {
		case c <- s:
		default:
		}
	}
}

// The lock is let go before the sends.
type List struct {
	mu      sync.Mutex
	readers map[chan bool]bool
}

func (l *List) Subscribe() chan bool {
	c := make(chan bool)
	l.mu.Lock()
	l.readers[c] = true
	l.mu.Unlock()
	return c
}

func (l *List) Cancel(c chan bool) {
	l.mu.Lock()
	delete(l.readers, c)
	l.mu.Unlock()
}

func (l *List) Publish(b bool) {
	l.mu.Lock()
	all := make([]chan bool, 0, len(l.readers))
	for c := range l.readers {
		all = append(all, c)
	}
	l.mu.Unlock()
	for _, c := range all {
		c <- b
	}
}
