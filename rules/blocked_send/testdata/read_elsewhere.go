package p

import (
	"errors"
	"net/http"
)

// What receives is a literal that somebody else runs: a handler, a field, the function that is given back.

type hooks struct{ dial func() error }

func serve(h http.Handler) func()

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

func set(filter func() error)

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

// A flag lets only one of the sends happen.
func firstOnly(a, b, c func() error) error {
	errs := make(chan error, 1)
	go func() {
		sent := false
		tell := func(err error) {
			if !sent {
				errs <- err
				sent = true
			}
		}
		if err := a(); err != nil {
			tell(err)
		}
		if err := b(); err != nil {
			tell(err)
		}
		if err := c(); err != nil {
			tell(err)
		}
		close(errs)
	}()
	return <-errs
}

func startedAndEnded(open func() error) (first, last error) {
	ch := make(chan error, 1)
	go func() {
		started := false
		for {
			if err := open(); err != nil {
				ch <- err
				return
			}
			if !started {
				ch <- nil
				started = true
			}
		}
	}()
	first = <-ch
	last = <-ch
	return first, last
}

// The other case never comes: nothing sends there.
func besideASilentOne(n int) {
	c, silent := make(chan bool, 1), make(chan bool, 1)
	go func() {
		for i := 0; i < n; i++ {
			c <- true
		}
	}()
	for i := 0; i < n; i++ {
		select {
		case <-c:
		case <-silent:
		}
	}
}

// The rounds of each worker are those that its starter feeds it.
func inStep(n int) {
	const workers = 4
	var in [workers]chan int
	done := make(chan struct{})
	for i := 0; i < workers; i++ {
		in[i] = make(chan int)
		go step(in[i], done)
	}
	for i := 0; i < workers; i++ {
		in[i] <- n
	}
	for i := 0; i < workers; i++ {
		<-done
	}
	for i := 0; i < workers; i++ {
		close(in[i])
	}
	for i := 0; i < workers; i++ {
		<-done
	}
}

func step(in chan int, done chan struct{}) {
	for range in {
		done <- struct{}{}
	}
	done <- struct{}{}
}
