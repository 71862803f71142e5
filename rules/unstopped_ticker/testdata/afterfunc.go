// go 1.27

// An AfterFunc fires once: only one that guards something must be stopped.
package p

import (
	"context"
	"sync"
	"time"
)

func later(f func()) {
	time.AfterFunc(time.Second, f)
}

func watchdog(name string, work func() error) error {
	time.AfterFunc(time.Hour, func() { // want warning "the timer of this AfterFunc still fires after watchdog has returned"
		println(name, "takes too long")
	})
	return work()
}

func watchdogStopped(name string, work func() error) error {
	t := time.AfterFunc(time.Hour, func() { println(name) })
	defer t.Stop()
	return work()
}

func watchdogForgotten(name string, work func() error) error {
	t := time.AfterFunc(time.Hour, func() { println(name) }) // want warning "timer t still fires after watchdogForgotten has returned"
	if err := work(); err != nil {
		return err
	}
	t.Stop()
	return nil
}

func cancels(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	time.AfterFunc(time.Hour, cancel)
	return ctx
}

type debouncer struct {
	mu    sync.Mutex
	timer *time.Timer
	f     func()
}

func (d *debouncer) Changed() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer == nil {
		d.timer = time.AfterFunc(time.Hour, d.f) // want warning "timer d.timer still fires after debouncer is closed"
		return
	}
	d.timer.Reset(time.Hour)
}

func (d *debouncer) Close() {}

type expiring struct {
	timer *time.Timer
}

func (e *expiring) touch(f func()) { e.timer = time.AfterFunc(time.Second, f) }

// The next round waits for the next event; it is not what the timer guards.
func delayed(events chan string, unload func(string)) {
	for e := range events {
		time.AfterFunc(time.Hour, func() { unload(e) })
	}
}

func watchdogInLoop(events chan string, work func(string)) {
	for e := range events {
		time.AfterFunc(time.Hour, func() { println(e) }) // want warning "the timer of this AfterFunc still fires"
		work(e)
	}
}
