package moves

import (
	"context"
	"sync"
	"testing"
	"time"

	"example.com/elsewhere"
)

func use(ctx context.Context) error { return ctx.Err() }

func returned(parent context.Context) (context.Context, context.CancelFunc) {
	return context.WithCancel(parent)
}

func derive(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(parent) // want error "cancel of context.WithCancel is not called on every way out of forgets"
	return ctx, cancel
}

func calls(parent context.Context) error {
	ctx, cancel := derive(parent)
	defer cancel()
	return use(ctx)
}

func forgets(parent context.Context) error {
	ctx, cancel := derive(parent)
	if err := use(ctx); err != nil {
		return err
	}
	cancel()
	return nil
}

func deriveOther(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(parent)
	return ctx, cancel
}

func sees(parent context.Context, in chan int) error {
	ctx, cancel := deriveOther(parent)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-in:
	}
	cancel()
	return nil
}

func wrapped(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(parent)
	return ctx, func() {
		cancel()
		println("done")
	}
}

func named(parent context.Context) (ctx context.Context, cancel context.CancelFunc) {
	ctx, cancel = context.WithCancel(parent)
	return
}

func helperCalls(parent context.Context) error {
	ctx, cancel := context.WithCancel(parent)
	err := use(ctx)
	finish(cancel)
	return err
}

func finish(cancel context.CancelFunc) {
	println("finish")
	cancel()
}

func helperForgets(parent context.Context) error {
	ctx, cancel := context.WithCancel(parent) // want error "never called"
	err := use(ctx)
	note(cancel)
	return err
}

func note(cancel context.CancelFunc) {
	println(cancel != nil)
}

func helperDefers(parent context.Context) error {
	ctx, cancel := context.WithCancel(parent)
	return runWith(ctx, cancel)
}

func runWith(ctx context.Context, stop func()) error {
	defer stop()
	return use(ctx)
}

func elsewhereTakes(parent context.Context) error {
	ctx, cancel := context.WithCancel(parent)
	elsewhere.Keep(cancel)
	return use(ctx)
}

func goroutineCalls(parent context.Context) {
	ctx, cancel := context.WithCancel(parent)
	go func() {
		defer cancel()
		_ = use(ctx)
	}()
}

func goroutineForgets(parent context.Context) {
	ctx, cancel := context.WithCancel(parent) // want error "not called on every way out of goroutineForgets.func1"
	go func() {
		if use(ctx) != nil {
			return
		}
		cancel()
	}()
}

func goroutineWaits(parent context.Context, stop chan struct{}) error {
	ctx, cancel := context.WithCancel(parent)
	go func() {
		select {
		case <-stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	return use(ctx)
}

func spawned(parent context.Context) {
	ctx, cancel := context.WithCancel(parent)
	go finish(cancel)
	_ = use(ctx)
}

func later(parent context.Context, d time.Duration) {
	ctx, cancel := context.WithCancel(parent)
	time.AfterFunc(d, cancel)
	_ = use(ctx)
}

func afterOther(parent, other context.Context) error {
	ctx, cancel := context.WithCancel(parent)
	stop := context.AfterFunc(other, cancel)
	defer stop()
	return use(ctx)
}

func afterOtherLiteral(parent, other context.Context) error {
	ctx, cancel := context.WithCancel(parent)
	context.AfterFunc(other, func() { cancel() })
	return use(ctx)
}

func inTest(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	_ = use(ctx)
}

func inOnce(parent context.Context) {
	var once sync.Once
	ctx, cancel := context.WithCancel(parent)
	end := func() { once.Do(cancel) }
	defer end()
	_ = use(ctx)
}

var kept context.CancelFunc

func global(parent context.Context) error {
	var ctx context.Context
	ctx, kept = context.WithCancel(parent)
	return use(ctx)
}

func globalByName(parent context.Context) error {
	ctx, cancel := context.WithCancel(parent)
	kept = cancel
	return use(ctx)
}

func inMap(parent context.Context, all map[string]context.CancelFunc) error {
	ctx, cancel := context.WithCancel(parent)
	all["it"] = cancel
	return use(ctx)
}

func inSlice(parent context.Context) error {
	var all []context.CancelFunc
	for range 3 {
		ctx, cancel := context.WithCancel(parent)
		all = append(all, cancel)
		_ = use(ctx)
	}
	for _, cancel := range all {
		cancel()
	}
	return nil
}

func sent(parent context.Context, ch chan context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	ch <- cancel
	_ = use(ctx)
}

func inContext(parent context.Context) context.Context {
	ctx, cancel := context.WithCancel(parent)
	return context.WithValue(ctx, "cancel", cancel)
}

func byPointer(parent context.Context, end *context.CancelFunc) (ctx context.Context) {
	ctx, *end = context.WithCancel(parent)
	return ctx
}

func byPointerLater(parent context.Context, end *context.CancelFunc) context.Context {
	ctx, cancel := context.WithCancel(parent)
	*end = cancel
	return ctx
}

func method(parent context.Context) error {
	ctx, cancel := context.WithCancel(parent)
	h := elsewhere.Handler{End: cancel}
	return h.Run(ctx)
}

func callbackCalls(parent context.Context, each func(func(int))) error {
	ctx, cancel := context.WithCancel(parent)
	each(func(i int) {
		if i > 3 {
			cancel()
		}
	})
	return use(ctx)
}

func closureCalls(parent context.Context) error {
	ctx, cancel := context.WithCancel(parent)
	end := func() error {
		cancel()
		return nil
	}
	if err := use(ctx); err != nil {
		_ = end()
		return err
	}
	return end()
}

func closureForgets(parent context.Context) error {
	ctx, cancel := context.WithCancel(parent) // want error "not called on every way out"
	end := func() { cancel() }
	if err := use(ctx); err != nil {
		return err
	}
	end()
	return nil
}

func copied(parent context.Context) error {
	ctx, cancel := context.WithCancel(parent)
	stop := cancel
	defer stop()
	return use(ctx)
}

func byOk(parent context.Context, d time.Duration) (context.Context, func(), bool) {
	if d < 0 {
		return nil, nil, false
	}
	ctx, cancel := context.WithTimeout(parent, d)
	return ctx, cancel, true
}

func asksOk(parent context.Context, d time.Duration) error {
	ctx, cancel, ok := byOk(parent, d)
	if !ok {
		return nil
	}
	defer cancel()
	return use(ctx)
}

func handedTogether(parent context.Context, push func(context.Context, context.CancelFunc)) {
	push(context.WithCancel(parent))
	push(derivedForPush(parent))
}

func derivedForPush(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	return context.WithValue(ctx, "k", 1), cancel
}

func goroutineOnErrorOnly(parent context.Context, in chan int) {
	ctx, cancel := context.WithCancelCause(parent)
	go func() {
		if err := use(ctx); err != nil {
			cancel(err)
		}
	}()
	for range in {
		_ = use(ctx)
	}
	cancel(nil)
}

func twoGoroutines(parent context.Context, in chan int) {
	ctx, cancel := context.WithCancelCause(parent)
	for range 3 {
		go func() {
			if err := use(ctx); err != nil {
				cancel(err)
				return
			}
		}()
	}
	go func() {
		for range in {
			_ = use(ctx)
		}
		cancel(nil)
	}()
}

func goroutineOfHelper(parent context.Context, stop chan struct{}) error {
	ctx, cancel := context.WithCancel(parent)
	go await(ctx, cancel, stop)
	return use(ctx)
}

func await(ctx context.Context, cancel func(), stop chan struct{}) {
	select {
	case <-stop:
		cancel()
	case <-ctx.Done():
	}
}
