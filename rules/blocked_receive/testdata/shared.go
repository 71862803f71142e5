package shared

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

type gate struct {
	ready chan struct{}
	stop  chan struct{}
	never chan int
}

func newGate() *gate {
	g := &gate{ready: make(chan struct{}), stop: make(chan struct{})}
	go g.wait()
	go g.other()
	go g.both()
	go g.guarded(context.TODO())
	return g
}

func (g *gate) wait() {
	<-g.ready // want error "nothing can ever come from `g.ready`"
	fmt.Println("ready")
}

func (g *gate) other() {
	<-g.stop
	fmt.Println("stopped")
}

func (g *gate) both() {
	select { // want error "nothing can ever come from `g.ready`"
	case <-g.ready:
	case <-g.never:
	}
	fmt.Println("done")
}

func (g *gate) guarded(ctx context.Context) {
	select {
	case <-g.ready:
	case <-time.After(time.Second):
	}
}

func (g *gate) Close() { close(g.stop) }

func unmade() {
	var done chan struct{}
	go func() {
		<-done // want error "nothing can ever come from `done`"
	}()
}

func madeLater(wait bool) {
	var done chan struct{}
	if wait {
		done = make(chan struct{})
		defer close(done)
	}
	go func() {
		<-done // want error "`done` is nil"
	}()
}

func given(done <-chan struct{}) {
	go func() {
		<-done
		fmt.Println("done")
	}()
}

type Open struct {
	Ready chan struct{}
}

func NewOpen() *Open {
	o := &Open{Ready: make(chan struct{})}
	go func() {
		<-o.Ready
		fmt.Println("ready")
	}()
	return o
}

type latch chan struct{}

func (l *latch) init() { *l = make(chan struct{}) }

func (l latch) open() { close(l) }

func (l latch) wait() { <-l }

type door struct{ shut latch }

func newDoor() *door {
	d := &door{}
	d.shut.init()
	go func() {
		d.shut.wait()
		fmt.Println("open")
	}()
	return d
}

type stored struct {
	values atomic.Value
	feed   chan int
}

func newStored() *stored {
	s := &stored{feed: make(chan int)}
	s.values.Store(s.feed)
	go func() {
		fmt.Println(<-s.feed)
	}()
	return s
}
