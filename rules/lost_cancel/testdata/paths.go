package paths

import (
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"time"
)

func work(ctx context.Context) error { return ctx.Err() }

func dropped(parent context.Context) {
	ctx, _ := context.WithCancel(parent) // want error "the cancel function of context.WithCancel is dropped: the context stays"
	_ = work(ctx)
}

func droppedCause(parent context.Context) {
	ctx, _ := context.WithCancelCause(parent) // want error "dropped"
	_ = work(ctx)
}

func earlyReturn(parent context.Context) error {
	ctx, cancel := context.WithCancel(parent) // want error "cancel of context.WithCancel is not called on every way out of earlyReturn"
	if err := work(ctx); err != nil {
		return err
	}
	cancel()
	return nil
}

func neverCalled(parent context.Context) error {
	ctx, cancel := context.WithCancel(parent) // want error "cancel of context.WithCancel is never called"
	_ = cancel
	return work(ctx)
}

func sameName(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx) // want error "not called on every way out"
	if ctx.Value("k") == nil {
		return errors.New("no key")
	}
	cancel()
	return nil
}

func loop(parent context.Context, n int) {
	for range n {
		ctx, cancel := context.WithCancel(parent) // want error "not called before another one takes its place"
		if work(ctx) != nil {
			continue
		}
		cancel()
	}
}

func overwritten(parent context.Context, d time.Duration) error {
	ctx, cancel := context.WithCancel(parent) // want error "not called before another one takes its place"
	if d > 0 {
		ctx, cancel = context.WithTimeout(parent, d)
	}
	defer cancel()
	return work(ctx)
}

func deferred(parent context.Context) error {
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	return work(ctx)
}

func onEachWay(parent context.Context) error {
	ctx, cancel := context.WithCancel(parent)
	if err := work(ctx); err != nil {
		cancel()
		return err
	}
	cancel()
	return nil
}

func cause(parent context.Context) (err error) {
	ctx, cancel := context.WithCancelCause(parent)
	defer func() { cancel(err) }()
	return work(ctx)
}

func fatal(parent context.Context) {
	ctx, cancel := context.WithCancel(parent)
	if err := work(ctx); err != nil {
		log.Fatal(err)
	}
	if ctx.Value("k") == nil {
		os.Exit(1)
	}
	if ctx.Value("l") == nil {
		panic("l")
	}
	cancel()
}

func over(parent context.Context, in chan int) error {
	ctx, cancel := context.WithCancel(parent)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case v := <-in:
			if v == 0 {
				cancel()
				return nil
			}
		}
	}
}

func parentOver(parent context.Context, in chan int) error {
	ctx, cancel := context.WithCancel(parent)
	_ = work(ctx)
	select {
	case <-parent.Done():
		return parent.Err()
	case <-in:
	}
	cancel()
	return nil
}

func overByError(parent context.Context, in chan int) error {
	ctx, cancel := context.WithCancel(parent)
	for range in {
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	for ctx.Err() == nil {
		_ = work(ctx)
	}
	if false {
		cancel()
	}
	return nil
}

func overByCause(parent context.Context, in chan int) error {
	ctx, cancel := context.WithCancel(parent)
	<-in
	if err := context.Cause(ctx); err != nil {
		return err
	}
	cancel()
	return nil
}

func waitsForIt(parent context.Context) {
	ctx, cancel := context.WithCancel(parent)
	defer func() {
		if recover() != nil {
			cancel()
		}
	}()
	done := ctx.Done()
	<-done
}

func either(parent context.Context, d time.Duration) error {
	var (
		ctx    context.Context
		cancel context.CancelFunc
	)
	if d > 0 {
		ctx, cancel = context.WithTimeout(parent, d)
	} else {
		ctx, cancel = context.WithCancel(parent)
	}
	defer cancel()
	return work(ctx)
}

func perhaps(parent context.Context, d time.Duration) error {
	ctx := parent
	var cancel context.CancelFunc
	if d > 0 {
		ctx, cancel = context.WithTimeout(parent, d)
	}
	err := work(ctx)
	if cancel != nil {
		cancel()
	}
	return err
}

func asksTwice(parent context.Context, d time.Duration) error {
	ctx := parent
	var cancel context.CancelFunc
	if d > 0 {
		ctx, cancel = context.WithTimeout(parent, d)
	}
	err := work(ctx)
	if d > 0 {
		cancel()
	}
	return err
}

func noop(parent context.Context, d time.Duration) error {
	ctx, cancel := parent, func() {}
	if d > 0 {
		ctx, cancel = context.WithTimeout(parent, d)
	}
	defer cancel()
	return work(ctx)
}

func flag(parent context.Context) (context.Context, error) {
	ctx, cancel := context.WithCancel(parent)
	ok := false
	defer func() {
		if !ok {
			cancel()
		}
	}()
	if err := work(ctx); err != nil {
		return nil, err
	}
	ok = true
	return ctx, nil
}

func endless(parent context.Context) {
	ctx, cancel := context.WithCancel(parent)
	for {
		if work(ctx) != nil {
			cancel()
			return
		}
	}
}

func request(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context()) // want warning "until the request is over"
	if err := work(ctx); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	cancel()
}

func commands(parent context.Context, in chan string) {
	var ctx context.Context
	var cancel context.CancelFunc
	for cmd := range in {
		switch cmd {
		case "start":
			if ctx != nil {
				continue
			}
			ctx, cancel = context.WithCancel(parent)
			go work(ctx)
		case "stop":
			if ctx == nil {
				continue
			}
			cancel()
			ctx = nil
		}
	}
	if cancel != nil {
		cancel()
	}
}
