// A goroutine that waits for its own end.
package ownend

import "sync"

type session struct {
	in   chan string
	stop chan struct{}
	done chan struct{}
	once sync.Once
}

func open() *session {
	s := &session{in: make(chan string, 1), stop: make(chan struct{}), done: make(chan struct{})}
	go s.loop()
	return s
}

func (s *session) loop() {
	defer close(s.done)
	for {
		select {
		case line := <-s.in:
			if line == "quit" {
				s.Stop()
				return
			}
		case <-s.stop:
			return
		}
	}
}

func (s *session) Stop() {
	s.once.Do(func() { close(s.stop) })
	<-s.done // want error "which it closes itself when it ends"
}

// It waits for another one.

type good struct {
	peer *good
	stop chan struct{}
	done chan struct{}
}

func openGood(peer *good) *good {
	s := &good{peer: peer, stop: make(chan struct{}), done: make(chan struct{})}
	go s.loop()
	return s
}

func (s *good) loop() {
	defer close(s.done)
	<-s.stop
	s.peer.Stop()
}

func (s *good) Stop() {
	close(s.stop)
	<-s.done
}

// It is asked not to wait.

type asked struct {
	stop chan struct{}
	done chan struct{}
}

func openAsked() *asked {
	s := &asked{stop: make(chan struct{}), done: make(chan struct{})}
	go s.loop()
	return s
}

func (s *asked) loop() {
	defer close(s.done)
	s.Stop(false)
}

func (s *asked) Stop(wait bool) {
	close(s.stop)
	if wait {
		<-s.done
	}
}
