package p

import "sync"

type bank struct {
	accounts sync.Mutex
	journal  sync.Mutex
	n        int
	log      []int
}

func (b *bank) Deposit(n int) {
	b.accounts.Lock()
	defer b.accounts.Unlock()
	b.n += n
	b.journal.Lock() // want warning "locks `b.accounts` and then `b.journal`, .*Audit the other way round"
	b.log = append(b.log, n)
	b.journal.Unlock()
}

func (b *bank) Audit() int {
	b.journal.Lock()
	defer b.journal.Unlock()
	return len(b.log) + b.balance()
}

func (b *bank) balance() int {
	b.accounts.Lock()
	defer b.accounts.Unlock()
	return b.n
}

var first, second sync.Mutex

func Forth() {
	first.Lock()
	second.Lock() // want warning "locks `first` and then `second`"
	second.Unlock()
	first.Unlock()
}

func Back() {
	second.Lock()
	first.Lock()
	first.Unlock()
	second.Unlock()
}

func local() int {
	var a, b sync.Mutex
	n := 0
	done := make(chan struct{}, 1)
	go func() {
		a.Lock()
		b.Lock() // want error "locks `a` and then `b`"
		n++
		b.Unlock()
		a.Unlock()
		done <- struct{}{}
	}()
	b.Lock()
	a.Lock()
	n++
	a.Unlock()
	b.Unlock()
	<-done
	return n
}

type sheet struct {
	reads  sync.RWMutex
	writes sync.Mutex
}

func (s *sheet) Show() {
	s.reads.RLock()
	s.writes.Lock() // want warning "locks `s.reads` and then `s.writes`"
	s.writes.Unlock()
	s.reads.RUnlock()
}

func (s *sheet) Change() {
	s.writes.Lock()
	s.reads.Lock()
	s.reads.Unlock()
	s.writes.Unlock()
}
