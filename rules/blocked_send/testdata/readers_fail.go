// Readers that leave at their first error, and a function that waits for the sender without ever receiving itself.
package failing

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"
)

func InGroup(ctx context.Context, items []int, handle func(context.Context, int) error) error {
	ch := make(chan int)
	var g errgroup.Group
	g.Go(func() error {
		defer close(ch)
		for _, it := range items {
			ch <- it // want error "once every reader of `ch` has left"
		}
		return nil
	})
	for i := 0; i < 4; i++ {
		g.Go(func() error {
			for it := range ch {
				if err := handle(ctx, it); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

func InWaitGroup(ctx context.Context, items []int, handle func(context.Context, int) error) {
	ch := make(chan int)
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		defer close(ch)
		for _, it := range items {
			ch <- it // want error "once every reader of `ch` has left"
		}
	}()
	for i := 0; i < 4; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for it := range ch {
				if err := handle(ctx, it); err != nil {
					return
				}
			}
		}()
	}
	wg.Wait()
}

// Nobody receives at all, before the wait or after it.
func Unread(items []int) error {
	ch := make(chan int, 1)
	var g errgroup.Group
	g.Go(func() error {
		ch <- len(items)
		ch <- cap(items) // want error "nothing receives from `ch`"
		return nil
	})
	return g.Wait()
}

// This one would receive, and waits first.
func Late(items []int) int {
	ch := make(chan int)
	var g errgroup.Group
	g.Go(func() error {
		ch <- len(items) // want error "`Late` waits for the goroutine before it receives"
		return nil
	})
	g.Wait()
	return <-ch
}
