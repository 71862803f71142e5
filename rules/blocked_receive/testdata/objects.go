// Channels in fields of objects that stay in the function which makes them.
package objects

import "io"

type feed struct {
	src   func() (string, error)
	lines chan string
}

func (f *feed) pump() {
	for {
		s, err := f.src()
		if err == io.EOF {
			close(f.lines)
			return
		}
		if err != nil {
			return
		}
		f.lines <- s
	}
}

func consume(src func() (string, error)) int {
	f := &feed{src: src, lines: make(chan string)}
	go f.pump()
	n := 0
	for range f.lines { // want error "`f.lines`"
		n++
	}
	return n
}

type kept struct {
	src   func() (string, error)
	lines chan string
}

func (k *kept) pump() {
	defer close(k.lines)
	for {
		s, err := k.src()
		if err != nil {
			return
		}
		k.lines <- s
	}
}

func consumeKept(src func() (string, error)) int {
	k := &kept{src: src, lines: make(chan string)}
	go k.pump()
	n := 0
	for range k.lines {
		n++
	}
	return n
}

// Whoever closes waits for a goroutine that never says that it is done.
type syncer struct {
	stop chan struct{}
	done chan struct{}
	pull func() bool
}

func newSyncer(pull func() bool) *syncer {
	s := &syncer{stop: make(chan struct{}), done: make(chan struct{}), pull: pull}
	go s.loop()
	return s
}

func (s *syncer) loop() {
	for {
		select {
		case <-s.stop:
			return
		default:
			if !s.pull() {
				return
			}
		}
	}
}

func (s *syncer) Close() {
	close(s.stop)
	<-s.done // want error "nothing can ever come from `s.done`"
}

// A hook that only tests set: who asks first does not wait.
type hooked struct {
	stop chan struct{}
	hook chan struct{}
}

func newHooked() *hooked {
	h := &hooked{stop: make(chan struct{})}
	go h.loop()
	return h
}

func (h *hooked) loop() { <-h.stop }

func (h *hooked) Close() {
	if h.hook != nil {
		<-h.hook
	}
	close(h.stop)
}

// Whether there was anything left to stop is up to the state.
type stoppable struct {
	running bool
	gone    chan struct{}
}

func newStoppable() *stoppable { return &stoppable{gone: make(chan struct{})} }

func (s *stoppable) run() { <-s.gone }

func (s *stoppable) Stop() {
	if !s.running {
		return
	}
	close(s.gone)
}

func useStoppable() {
	s := newStoppable()
	s.running = true
	go s.run()
	s.Stop()
	<-s.gone
}

func useSyncer(pull func() bool) {
	s := newSyncer(pull)
	s.Close()
}
