package several

import "errors"

var errStopped = errors.New("stopped")

type sample struct{ value int }

// Both ways of writing samples down stop at the first that they cannot write.
type sink interface {
	drain(in chan sample) error
}

type memory struct{ values []int }

func (m *memory) drain(in chan sample) error {
	for s := range in {
		if s.value < 0 {
			return errStopped
		}
		m.values = append(m.values, s.value)
	}
	return nil
}

type counter struct{ n int }

func (c *counter) drain(in chan sample) error {
	for s := range in {
		if s.value < 0 {
			return errStopped
		}
		c.n++
	}
	return nil
}

func record(s sink, values []int) error {
	in := make(chan sample)
	go func() {
		defer close(in)
		for _, v := range values {
			in <- sample{v} // want warning "more is sent on `in` than `record` receives"
		}
	}()
	return s.drain(in)
}

// One that reads to the end, whatever comes, beside one that does not: which of them it is depends on the caller.
type reader interface {
	take(in chan sample) error
}

type patient struct{ n int }

func (p *patient) take(in chan sample) error {
	for range in {
		p.n++
	}
	return nil
}

type thorough struct{ values []int }

func (t *thorough) take(in chan sample) error {
	var failed error
	for s := range in {
		if s.value < 0 {
			failed = errStopped
			continue
		}
		t.values = append(t.values, s.value)
	}
	return failed
}

func recordAll(r reader, values []int) error {
	in := make(chan sample)
	go func() {
		defer close(in)
		for _, v := range values {
			in <- sample{v}
		}
	}()
	return r.take(in)
}

// A field that holds one function or another; neither receives.
type hub struct{ handle func(chan int) int }

func newHub(loud bool) *hub {
	h := &hub{}
	h.handle = count
	if loud {
		h.handle = space
	}
	return h
}

func count(c chan int) int { return len(c) }
func space(c chan int) int { return cap(c) }

func (h *hub) feed() {
	in := make(chan int)
	go func() {
		in <- 1 // want error "blocks for ever"
	}()
	h.handle(in)
}

// One of them receives.
type box struct{ handle func(chan int) int }

func newBox(loud bool) *box {
	b := &box{}
	b.handle = count
	if loud {
		b.handle = next
	}
	return b
}

func next(c chan int) int { return <-c }

func (b *box) feed() {
	in := make(chan int)
	go func() {
		in <- 1
	}()
	b.handle(in)
}

// A goroutine that is one of two; both send more than is read.
type asker interface{ ask(out chan sample) }

type once struct{}

func (once) ask(out chan sample) { out <- sample{1} }

type again struct{}

func (again) ask(out chan sample) { out <- sample{2} } // want error "`first`"

func first(a asker, hurry bool) int {
	out := make(chan sample)
	go a.ask(out)
	if hurry {
		return 0
	}
	s := <-out
	return s.value
}

// Anybody may write a type with these methods and hand it in.
type Taker interface {
	Take(in chan sample) error
}

type lazy struct{}

func (lazy) Take(in chan sample) error { return nil }

type idle struct{}

func (idle) Take(in chan sample) error { return nil }

func RecordWith(t Taker, values []int) error {
	in := make(chan sample)
	go func() {
		in <- sample{len(values)}
	}()
	return t.Take(in)
}
