// go 1.24

// Workers that wait for jobs.
package p

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync"
)

type Job struct{ n int }

func process(Job) {}

func localNotClosed(jobs []Job) {
	ch := make(chan Job)
	for range 4 {
		go func() {
			for j := range ch { // want error "nobody closes `ch`"
				process(j)
			}
		}()
	}
	for _, j := range jobs {
		ch <- j
	}
}

func receives(jobs []Job) {
	ch := make(chan Job)
	go func() {
		for {
			j := <-ch // want error "nobody closes `ch`"
			process(j)
		}
	}()
	for _, j := range jobs {
		ch <- j
	}
}

type pool struct {
	jobs chan Job
}

func newPool() *pool {
	p := &pool{jobs: make(chan Job)}
	go p.work()
	return p
}

func (p *pool) work() {
	for j := range p.jobs { // want error "nobody closes `p.jobs`"
		process(j)
	}
}

func (p *pool) Submit(j Job) { p.jobs <- j }

// Start takes jobs from a caller who may never close them.
func Start(jobs <-chan Job) {
	for range 10 {
		go func() {
			for j := range jobs { // want warning "unless a caller closes `jobs`"
				process(j)
			}
		}()
	}
}

func notOnEveryWayOut(jobs []Job) error {
	ch := make(chan Job)
	go func() {
		for j := range ch { // want error "if `notOnEveryWayOut` leaves without closing `ch`"
			process(j)
		}
	}()
	for _, j := range jobs {
		if j.n < 0 {
			return errors.New("negative")
		}
		ch <- j
	}
	close(ch)
	return nil
}

// From here on somebody tells the workers to stop.

func closedByDefer(jobs []Job) error {
	ch := make(chan Job)
	defer close(ch)
	go func() {
		for j := range ch {
			process(j)
		}
	}()
	for _, j := range jobs {
		if j.n < 0 {
			return errors.New("negative")
		}
		ch <- j
	}
	return nil
}

// Stage hands the close of its input on.
func Stage(in <-chan Job) <-chan Job {
	out := make(chan Job, 1)
	go func() {
		defer close(out)
		for j := range in {
			out <- j
		}
	}()
	return out
}

func Watched(jobs <-chan Job) {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		for j := range jobs {
			process(j)
		}
	}()
	wg.Wait()
}

func WithContext(ctx context.Context, jobs <-chan Job) {
	go func() {
		for {
			select {
			case j := <-jobs:
				process(j)
			case <-ctx.Done():
				return
			}
		}
	}()
}

// A signal handler lives as long as the process.
func onInterrupt(stop func()) {
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, os.Interrupt)
	go func() {
		for range ch { // want note "for as long as the process runs"
			stop()
		}
	}()
}
