package levels

import (
	"context"
	"os"
	"os/signal"
	"time"
)

func use(ctx context.Context) error { return ctx.Err() }

func short(parent context.Context) error {
	ctx, _ := context.WithTimeout(parent, 5*time.Second) // want note "its timer stays"
	return use(ctx)
}

func long(parent context.Context) error {
	ctx, _ := context.WithTimeout(parent, time.Hour) // want warning "its timer stays"
	return use(ctx)
}

func anyLength(parent context.Context, d time.Duration) error {
	ctx, cancel := context.WithTimeout(parent, d) // want warning "its timer stays"
	if err := use(ctx); err != nil {
		return err
	}
	cancel()
	return nil
}

func deadline(parent context.Context, at time.Time) error {
	ctx, _ := context.WithDeadline(parent, at) // want warning "its timer stays"
	return use(ctx)
}

func ofBackground() error {
	ctx, _ := context.WithCancel(context.Background()) // want note "not told to end"
	return use(ctx)
}

func ofDetached(parent context.Context) error {
	ctx, _ := context.WithCancel(context.WithoutCancel(parent)) // want note "not told to end"
	return use(ctx)
}

func ofValue(parent context.Context) error {
	ctx, _ := context.WithCancel(context.WithValue(parent, "k", 1)) // want error "until that ends"
	return use(ctx)
}

func ofTimed(parent context.Context) error {
	outer, stop := context.WithTimeout(parent, time.Hour)
	defer stop()
	ctx, _ := context.WithCancel(outer) // want warning "its timer stays"
	return use(ctx)
}

func ofOwn(parent context.Context) error {
	outer, stop := context.WithCancel(parent)
	defer stop()
	ctx, _ := context.WithCancel(outer) // want note "until this function ends"
	return use(ctx)
}

func ofOwnBackground() error {
	outer, stop := context.WithCancel(context.Background())
	go func() {
		time.Sleep(time.Hour)
		stop()
	}()
	ctx, _ := context.WithCancel(outer) // want error "until that ends"
	return use(ctx)
}

func ofSignal() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt) // want error "the goroutine that the call started stays"
	if err := use(ctx); err != nil {
		return err
	}
	stop()
	return nil
}

func waited(fail bool, clean func()) {
	ctx, cancel := context.WithCancel(context.Background()) // want error "a goroutine waits for the end of the context for ever"
	go func() {
		<-ctx.Done()
		clean()
	}()
	if fail {
		return
	}
	cancel()
}

func waitedInLoop(fail bool, in chan int, see func(int)) {
	ctx, cancel := context.WithCancel(context.Background()) // want error "a goroutine waits for the end of the context for ever"
	go reader(ctx, in, see)
	if fail {
		return
	}
	cancel()
}

func reader(ctx context.Context, in chan int, see func(int)) {
	for {
		select {
		case <-ctx.Done():
			return
		case v := <-in:
			see(v)
		}
	}
}

func waitedWithWayOut(fail bool, in chan int, see func(int)) {
	ctx, cancel := context.WithCancel(context.Background()) // want note "not told to end"
	go func() {
		select {
		case <-ctx.Done():
		case v := <-in:
			see(v)
		}
	}()
	if fail {
		return
	}
	cancel()
}
