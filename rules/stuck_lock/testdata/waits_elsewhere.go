// `Wait` under a lock that the methods which run as goroutines need first.
package waits

import "sync"

type batch struct {
	mu   sync.Mutex
	wg   sync.WaitGroup
	errs []error
}

func (b *batch) run(f func() error) {
	defer b.wg.Done()
	err := f()
	b.mu.Lock()
	b.errs = append(b.errs, err)
	b.mu.Unlock()
}

func (b *batch) all(fs []func() error) []error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range fs {
		b.wg.Add(1)
		go b.run(f)
	}
	b.wg.Wait() // want "b.mu"
	return b.errs
}

type unlocked struct {
	mu   sync.Mutex
	wg   sync.WaitGroup
	errs []error
}

func (u *unlocked) run(f func() error) {
	defer u.wg.Done()
	err := f()
	u.mu.Lock()
	u.errs = append(u.errs, err)
	u.mu.Unlock()
}

func (u *unlocked) all(fs []func() error) []error {
	for _, f := range fs {
		u.wg.Add(1)
		go u.run(f)
	}
	u.wg.Wait()
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.errs
}
