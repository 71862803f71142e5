package others

import (
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"
)

type queue struct {
	mu    sync.Mutex
	ready *sync.Cond
	items []int
}

func newQueue() *queue {
	q := &queue{}
	q.ready = sync.NewCond(&q.mu)
	go q.run()
	return q
}

func (q *queue) run() {
	q.mu.Lock()
	for len(q.items) == 0 {
		q.ready.Wait() // want error "nothing signals `q.ready`"
	}
	q.mu.Unlock()
}

func (q *queue) put(i int) {
	q.mu.Lock()
	q.items = append(q.items, i)
	q.mu.Unlock()
}

type list struct {
	mu    sync.Mutex
	ready *sync.Cond
	items []int
}

func newList() *list {
	l := &list{}
	l.ready = sync.NewCond(&l.mu)
	return l
}

func (l *list) take() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.items) == 0 {
		l.ready.Wait()
	}
	return l.items[0]
}

func (l *list) put(i int) {
	l.mu.Lock()
	l.items = append(l.items, i)
	l.mu.Unlock()
	l.ready.Signal()
}

func tree(n int) error {
	var g errgroup.Group
	g.SetLimit(4)
	var walk func(n int) error
	walk = func(n int) error {
		if n == 0 {
			return nil
		}
		g.Go(func() error { // want warning "once all places of `g` are held"
			return walk(n - 1)
		})
		return nil
	}
	if err := walk(n); err != nil {
		return err
	}
	return g.Wait()
}

func single(ids []int) error {
	var g errgroup.Group
	g.SetLimit(1)
	g.Go(func() error {
		for _, id := range ids {
			g.Go(func() error { // want error "once all places of `g` are held"
				fmt.Println(id)
				return nil
			})
		}
		return nil
	})
	return g.Wait()
}

func flat(ids []int) error {
	var g errgroup.Group
	g.SetLimit(2)
	for _, id := range ids {
		g.Go(func() error {
			fmt.Println(id)
			return nil
		})
	}
	return g.Wait()
}

func unlimited(ids []int) error {
	var g errgroup.Group
	g.Go(func() error {
		g.Go(func() error { return nil })
		return nil
	})
	return g.Wait()
}

func inner(ids []int) error {
	var outer, nested errgroup.Group
	outer.SetLimit(2)
	outer.Go(func() error {
		nested.Go(func() error { return nil })
		return nested.Wait()
	})
	return outer.Wait()
}
