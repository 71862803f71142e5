package p

import (
	"context"
	"sync"
)

// What leaves its loop before it has made the round's channel leaves nobody behind.
func inRounds(ask func() string, enough func(int) bool) {
	run := func(out chan<- string) { out <- ask() }
	for i := 0; i < 10; i++ {
		if enough(i) {
			break
		}
		out := make(chan string)
		other := make(chan string)
		go run(out)
		go run(other)
		<-out
		<-other
	}
}

// Both are closed at once, when all who send are done.
func twoKinds(ids []string, sum func(string) int) (odd, even int) {
	var wg sync.WaitGroup
	a, b := make(chan int), make(chan int)
	for i, id := range ids {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if i%2 == 1 {
				give(a, sum(id))
			} else {
				give(b, sum(id))
			}
		}()
	}
	go func() {
		wg.Wait()
		close(a)
		close(b)
	}()
read:
	for {
		select {
		case n, ok := <-a:
			if !ok {
				break read
			}
			odd += n
		case n, ok := <-b:
			if !ok {
				break read
			}
			even += n
		}
	}
	return odd, even
}

func give(to chan<- int, n int) {
	to <- n
}

type job struct {
	n      int
	result chan error
}

type worker struct{ jobs chan *job }

// Who asks makes the room for the answer; the one who does not is a test that does not ask for it.
func (w *worker) do(ctx context.Context, n int) error {
	result := make(chan error, 1)
	j := &job{n: n, result: result}
	select {
	case w.jobs <- j:
		select {
		case err := <-result:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	default:
		return nil
	}
}

func (w *worker) doUnasked(n int) {
	w.jobs <- &job{n: n, result: make(chan error)}
}

func (w *worker) start(ctx context.Context, work func(int) error) {
	go func() {
		for {
			select {
			case j := <-w.jobs:
				j.result <- work(j.n)
			case <-ctx.Done():
				return
			}
		}
	}()
}

