package p

import "time"

func loop(in <-chan int, flush func()) {
	t := time.NewTimer(time.Second)
	for {
		select {
		case <-in:
			if !t.Stop() {
				<-t.C // want error "`t` has fired and been read: this receive waits for ever"
			}
			t.Reset(time.Second)
		case <-t.C:
			flush()
		}
	}
}

func afterReceive(stop bool) {
	t := time.NewTimer(time.Second)
	<-t.C
	if stop && !t.Stop() {
		<-t.C // want error "fired and been read"
	}
}

func stoppedTwice(early bool) {
	t := time.NewTimer(time.Second)
	if early {
		if !t.Stop() {
			<-t.C
		}
	}
	if !t.Stop() {
		<-t.C // want error "this receive waits for ever"
	}
}

func callback(work func()) {
	t := time.AfterFunc(time.Second, work)
	if !t.Stop() {
		<-t.C // want error "`t` has no channel"
	}
}

func intoVariable(in <-chan int) {
	t := time.NewTimer(time.Second)
	for n := range in {
		<-t.C
		if n > 0 {
			ok := t.Stop()
			if !ok {
				<-t.C // want error "fired and been read"
			}
		}
		t.Reset(time.Second)
	}
}

type worker struct {
	idle *time.Timer
	jobs chan func()
	quit chan struct{}
}

func (w *worker) run() {
	w.idle = time.NewTimer(time.Minute)
	for {
		select {
		case job := <-w.jobs:
			job()
		case <-w.idle.C:
			continue
		case <-w.quit:
			if !w.idle.Stop() {
				<-w.idle.C // want error "`w.idle` has fired and been read"
			}
			return
		}
	}
}

func throughAlias(in <-chan int) {
	t := time.NewTimer(time.Second)
	fired := t.C
	select {
	case <-in:
	case <-fired:
	}
	if !t.Stop() {
		<-fired // want error "fired and been read"
	}
}
