// Channels that the signal package keeps.
package signals

import (
	"context"
	"os"
	"os/signal"
	"time"
)

func once() os.Signal {
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, os.Interrupt) // want note "ch stays registered for signals after `once` has returned"
	return <-ch
}

func stopped() os.Signal {
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, os.Interrupt)
	defer signal.Stop(ch)
	return <-ch
}

func Ask(ctx context.Context, questions []string, ask func(string)) {
	for _, q := range questions {
		ch := make(chan os.Signal, 1)
		signal.Notify(ch, os.Interrupt) // want warning "ch stays registered"
		ask(q)
		select {
		case <-ch:
			return
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
	}
}

func OneWay(ctx context.Context) error {
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, os.Interrupt) // want warning "ch stays registered"
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-ch:
	}
	signal.Stop(ch)
	return nil
}

func forEver(reload func()) {
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, os.Interrupt)
	for range ch {
		reload()
	}
}

type watcher struct {
	ch chan os.Signal
}

func (w *watcher) start() {
	w.ch = make(chan os.Signal, 1)
	signal.Notify(w.ch, os.Interrupt)
}

func (w *watcher) stop() {
	signal.Stop(w.ch)
}

// Each of them leaves a goroutine behind.
func jobs(names []string, run func(string)) {
	for _, name := range names {
		job(name, run)
	}
}

func job(name string, run func(string)) {
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, os.Interrupt) // want warning "ch stays registered for signals after `job` has returned"
	go count(ch)
	run(name)
}

func count(ch chan os.Signal) {
	n := 0
	for range ch {
		n++
	}
}

// The caller has the channel as well.
func resized(changed func()) (stop func()) {
	ch := make(chan os.Signal, 1)
	register(ch)
	go func() {
		for range ch {
			changed()
		}
	}()
	return func() {
		signal.Stop(ch)
		close(ch)
	}
}

func register(ch chan<- os.Signal) {
	signal.Notify(ch, os.Interrupt)
}
