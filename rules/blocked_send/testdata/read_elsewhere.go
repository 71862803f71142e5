package p

import (
	"errors"
	"net/http"
)

// What receives is a literal that somebody else runs: a handler, a field, the function that is given back.

type hooks struct{ dial func() error }

func serve(h http.Handler) func() { return func() { _ = h } }

func answersByHand(url string) {
	answers := make(chan string)
	stop := serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(<-answers))
	}))
	defer stop()
	go func() { _ = url }()
	answers <- "one"
}

func heldInAField(run func(*hooks)) {
	dialling := make(chan bool)
	h := &hooks{dial: func() error {
		if !<-dialling {
			return errors.New("given up")
		}
		return nil
	}}
	go run(h)
	dialling <- true
}

func given(work func() error) func() error {
	done := make(chan error)
	go func() {
		done <- work()
	}()
	return func() error { return <-done }
}

func set(filter func() error) {}

func fedToAFilter(all []error) {
	next := make(chan error)
	go func() {
		defer close(next)
		for _, err := range all {
			next <- err
		}
	}()
	set(func() error { return <-next })
}

// Each goroutine starts the next, which receives from it.
func handOver(n int) {
	ch := make(chan int)
	var next func()
	next = func() {
		left := <-ch
		if left > 0 {
			go next()
			ch <- left - 1
		}
	}
	go next()
	ch <- n
}

// The channel is an option: who wants no word of it hands nil over.
type box struct{ n int }

func (b *box) empty() { b.emptyFor(nil) }

func (b *box) emptyFor(done chan<- struct{}) {
	b.n = 0
	if done != nil {
		done <- struct{}{}
	}
}

func emptyLater(b *box) {
	go b.empty()
}

func (b *box) fill() { b.fillFor(nil) }

func (b *box) fillFor(done chan<- struct{}) {
	b.n = 1
	if done == nil {
		b.n = 2
	}
	done <- struct{}{} // want error "`done` is nil"
}

func fillLater(b *box) {
	go b.fill()
}

// A literal that runs here and now is one of the function's own ways.
func readHere(ids []string) int {
	out := make(chan int)
	go func() {
		out <- len(ids) // want error "blocks for ever"
	}()
	take := func() int {
		if len(ids) == 0 {
			return 0
		}
		return <-out
	}
	return take()
}
