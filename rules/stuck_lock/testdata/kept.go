package p

import (
	"errors"
	"sync"
)

type store struct {
	mu sync.RWMutex
	m  map[string]int
}

func (s *store) earlyReturn(k string) error {
	s.mu.Lock() // want error "`s.mu` stays locked on a way out of \(\*store\).earlyReturn"
	if s.m[k] == 0 {
		return errors.New("none")
	}
	s.m[k]--
	s.mu.Unlock()
	return nil
}

func (s *store) readers(k string) (int, bool) {
	s.mu.RLock() // want error "`s.mu` stays locked"
	v, ok := s.m[k]
	if !ok {
		return 0, false
	}
	s.mu.RUnlock()
	return v, true
}

func (s *store) inLoop(ks []string) {
	for _, k := range ks {
		s.mu.Lock() // want error "`s.mu` is locked again by the goroutine that holds it"
		if s.m[k] == 0 {
			continue
		}
		s.m[k]--
		s.mu.Unlock()
	}
}

func (s *store) oneCase(op int) int {
	s.mu.Lock() // want error "`s.mu` stays locked"
	switch op {
	case 1:
		s.m["a"]++
		s.mu.Unlock()
	case 2:
		s.m["b"]++
		s.mu.Unlock()
	case 3:
		return len(s.m)
	default:
		s.mu.Unlock()
	}
	return 0
}

var global sync.Mutex
var counter int

func endsHolding(n int) {
	global.Lock() // want error "`global` stays locked on a way out of endsHolding"
	if n > 0 {
		counter += n
		global.Unlock()
		return
	}
	counter = 0
}

type table struct {
	sync.Mutex
	rows []int
}

func (t *table) pop() (int, error) {
	t.Lock() // want error "`t` stays locked"
	if len(t.rows) == 0 {
		return 0, errors.New("empty")
	}
	v := t.rows[0]
	t.rows = t.rows[1:]
	t.Unlock()
	return v, nil
}

type box struct {
	mu   sync.Mutex
	full bool
}

func (b *box) alias(v bool) bool {
	mu := &b.mu
	mu.Lock() // want error "`b.mu` stays locked"
	if b.full {
		return false
	}
	b.full = v
	b.mu.Unlock()
	return true
}

func (b *box) insideLiteral(each func(func())) {
	each(func() {
		b.mu.Lock() // want error "`b.mu` stays locked"
		if b.full {
			return
		}
		b.full = true
		b.mu.Unlock()
	})
}
