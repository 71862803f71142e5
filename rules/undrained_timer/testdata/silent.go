package p

import "time"

func resetsInBoth(in <-chan int, flush func()) {
	t := time.NewTimer(time.Second)
	for {
		select {
		case <-in:
			if !t.Stop() {
				<-t.C
			}
			t.Reset(time.Second)
		case <-t.C:
			flush()
			t.Reset(time.Second)
		}
	}
}

func returnsWhenFired(in <-chan int) {
	t := time.NewTimer(time.Second)
	select {
	case <-in:
		if !t.Stop() {
			<-t.C
		}
	case <-t.C:
	}
}

func drainsWithDefault(in <-chan int) {
	t := time.NewTimer(time.Second)
	for range in {
		select {
		case <-t.C:
		default:
		}
		if !t.Stop() {
			select {
			case <-t.C:
			default:
			}
		}
		t.Reset(time.Second)
	}
}

func flag(in <-chan int) {
	t := time.NewTimer(time.Second)
	read := false
	for {
		select {
		case <-in:
			if !t.Stop() && !read {
				<-t.C
			}
			t.Reset(time.Second)
			read = false
		case <-t.C:
			read = true
		}
	}
}

func parameter(t *time.Timer) {
	if !t.Stop() {
		<-t.C
	}
	t.Reset(time.Second)
}

func resetElsewhere(in <-chan int) {
	t := time.NewTimer(time.Second)
	again := func() { t.Reset(time.Second) }
	for range in {
		<-t.C
		again()
		if !t.Stop() {
			<-t.C
		}
	}
}

func newOne(in <-chan int) {
	t := time.NewTimer(time.Second)
	for range in {
		<-t.C
		t = time.NewTimer(time.Second)
		if !t.Stop() {
			<-t.C
		}
		t = time.NewTimer(time.Second)
	}
}

type session struct {
	idle *time.Timer
	in   chan int
}

func (s *session) touch() { s.idle.Reset(time.Minute) }

func (s *session) run() {
	for {
		select {
		case <-s.in:
			if !s.idle.Stop() {
				<-s.idle.C
			}
		case <-s.idle.C:
		}
	}
}

func handed(in <-chan int, use func(*time.Timer)) {
	t := time.NewTimer(time.Second)
	for range in {
		<-t.C
		use(t)
		if !t.Stop() {
			<-t.C
		}
		t.Reset(time.Second)
	}
}

func ticker(in <-chan int) {
	t := time.NewTicker(time.Second)
	<-t.C
	<-t.C
	t.Stop()
}

func notAsked(in <-chan int) {
	t := time.NewTimer(time.Second)
	<-in
	t.Stop()
}

// It is not set again where nothing is left, and it is drained where something was.
type queue struct {
	timer *time.Timer
	in    chan int
	items []int
}

func (q *queue) process() {
	for {
		select {
		case n := <-q.in:
			empty := len(q.items) == 0
			q.items = append(q.items, n)
			if !empty {
				if !q.timer.Stop() {
					<-q.timer.C
				}
			}
			q.timer.Reset(time.Second)
		case <-q.timer.C:
			q.items = q.items[1:]
			if len(q.items) > 0 {
				q.timer.Reset(time.Second)
			}
		}
	}
}
