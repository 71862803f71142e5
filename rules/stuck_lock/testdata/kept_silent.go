package p

import (
	"errors"
	"log"
	"os"
	"sync"
)

type q struct {
	mu     sync.Mutex
	rw     sync.RWMutex
	m      map[string]int
	closed bool
}

func (s *q) deferred(k string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.m[k] == 0 {
		return errors.New("none")
	}
	return nil
}

func (s *q) deferredLiteral(k string) error {
	s.mu.Lock()
	defer func() {
		delete(s.m, k)
		s.mu.Unlock()
	}()
	if s.m[k] == 0 {
		return errors.New("none")
	}
	return nil
}

func (s *q) everyWay(k string) error {
	s.mu.Lock()
	if s.m[k] == 0 {
		s.mu.Unlock()
		return errors.New("none")
	}
	s.mu.Unlock()
	return nil
}

func (s *q) sameCondition(shared bool) int {
	if shared {
		s.rw.RLock()
	} else {
		s.rw.Lock()
	}
	n := len(s.m)
	if shared {
		s.rw.RUnlock()
	} else {
		s.rw.Unlock()
	}
	return n
}

func (s *q) deferUnderCondition(locked bool) int {
	if !locked {
		s.mu.Lock()
		defer s.mu.Unlock()
	}
	return len(s.m)
}

func (s *q) flag(k string) int {
	locked := false
	if k != "" {
		s.mu.Lock()
		locked = true
	}
	n := s.m[k]
	if locked {
		s.mu.Unlock()
	}
	return n
}

func (s *q) opaque(flags int) int {
	if flags&1 != 0 {
		s.mu.Lock()
	}
	n := len(s.m)
	if flags&1 != 0 {
		s.mu.Unlock()
	}
	return n
}

func (s *q) try() bool {
	if !s.mu.TryLock() {
		return false
	}
	s.m["x"]++
	s.mu.Unlock()
	return true
}

func (s *q) tryInto() int {
	ok := s.mu.TryLock()
	if ok {
		defer s.mu.Unlock()
	}
	return len(s.m)
}

func (s *q) tryFor() bool { return s.mu.TryLock() }

func (s *q) usesTry() {
	if s.tryFor() {
		s.m["y"]++
		s.mu.Unlock()
	}
}

func (s *q) panics(k string) {
	s.mu.Lock()
	if s.m[k] == 0 {
		panic("none")
	}
	s.mu.Unlock()
}

func (s *q) exits(k string) {
	s.mu.Lock()
	if s.m[k] == 0 {
		log.Fatal("none")
	}
	if s.m[k] == 1 {
		os.Exit(1)
	}
	s.mu.Unlock()
}

// A helper that holds on purpose, and one that lets go.
func (s *q) hold() { s.rw.Lock() }

func (s *q) letGo() { s.rw.Unlock() }

func (s *q) usesHelpers(k string) error {
	s.hold()
	defer s.letGo()
	if s.m[k] == 0 {
		return errors.New("none")
	}
	return nil
}

func (s *q) relock(work func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.m) > 0 {
		s.mu.Unlock()
		work()
		s.mu.Lock()
	}
}

type shards struct{ all [8]struct{ mu sync.Mutex } }

func (s *shards) lockAll() {
	for i := range s.all {
		s.all[i].mu.Lock()
	}
}

func (s *shards) unlockAll() {
	for i := range s.all {
		s.all[i].mu.Unlock()
	}
}

type member struct{ mu sync.Mutex }

func lockEach(ms []*member) {
	for _, m := range ms {
		m.mu.Lock()
	}
}

func unlockEach(ms []*member) {
	for _, m := range ms {
		m.mu.Unlock()
	}
}

type acquirer struct {
	mu     sync.Mutex
	closed bool
}

// On success the caller holds it.
func (a *acquirer) acquire() error {
	a.mu.Lock()
	if a.closed {
		a.mu.Unlock()
		return errors.New("closed")
	}
	return nil
}

func (a *acquirer) use() error {
	if err := a.acquire(); err != nil {
		return err
	}
	defer a.mu.Unlock()
	return nil
}

type returner struct {
	mu sync.Mutex
	n  int
}

func (r *returner) lockFor(n int) func() {
	r.mu.Lock()
	if n < 0 {
		r.mu.Unlock()
		return func() {}
	}
	return func() { r.mu.Unlock() }
}

func (r *returner) methodValue(n int) func() {
	r.mu.Lock()
	if n < 0 {
		r.mu.Unlock()
		return nil
	}
	return r.mu.Unlock
}

func (r *returner) handOff(n int) {
	r.mu.Lock()
	if n > 0 {
		go func() {
			r.n += n
			r.mu.Unlock()
		}()
		return
	}
	r.mu.Unlock()
}

func (r *returner) finish() { r.mu.Unlock() }

func (r *returner) handOffMethod(n int) {
	r.mu.Lock()
	if n > 0 {
		go r.finish()
		return
	}
	r.mu.Unlock()
}

type tx struct {
	mu   sync.Mutex
	open bool
}

func (t *tx) begin(ro bool) bool {
	t.mu.Lock()
	if ro {
		t.mu.Unlock()
		return true
	}
	t.open = true
	return false
}

func (t *tx) commit() {
	t.open = false
	t.mu.Unlock()
}

type waiter struct {
	mu   sync.Mutex
	cond *sync.Cond
	n    int
}

func newWaiter() *waiter {
	w := &waiter{}
	w.cond = sync.NewCond(&w.mu)
	return w
}

func (w *waiter) wait() int {
	w.mu.Lock()
	for w.n == 0 {
		w.cond.Wait()
	}
	n := w.n
	w.mu.Unlock()
	return n
}

func (w *waiter) throughL() int {
	w.cond.L.Lock()
	for w.n == 0 {
		w.cond.Wait()
	}
	defer w.cond.L.Unlock()
	return w.n
}
