package abandoned

import (
	"context"
	"os"
	"sync"

	"golang.org/x/sync/errgroup"
)

func handle(ctx context.Context, path string) error { return os.Remove(path) }

// Every worker returns at its first error, and the owner goes on sending.
func sweep(ctx context.Context, paths []string) error {
	group, inner := errgroup.WithContext(ctx)
	work := make(chan string)
	for range 8 {
		group.Go(func() error {
			for path := range work {
				if err := handle(inner, path); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for _, path := range paths {
		work <- path // want warning "once every reader of `work` has left"
	}
	close(work)
	return group.Wait()
}

// The caller's context does not end because a worker failed.
func sweepAsked(ctx context.Context, workers int, paths []string) error {
	var group errgroup.Group
	work := make(chan string, workers)
	for i := 0; i < workers; i++ {
		group.Go(func() error {
			for path := range work {
				if err := handle(ctx, path); err != nil {
					if os.IsNotExist(err) {
						continue
					}
					return err
				}
			}
			return nil
		})
	}
	group.Go(func() error {
		defer close(work)
		for _, path := range paths {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case work <- path: // want warning "once every reader of `work` has left"
			}
		}
		return nil
	})
	return group.Wait()
}

// The group's own context ends with the first error.
func sweepWell(ctx context.Context, paths []string) error {
	group, inner := errgroup.WithContext(ctx)
	work := make(chan string)
	for range 8 {
		group.Go(func() error {
			for path := range work {
				if err := handle(inner, path); err != nil {
					return err
				}
			}
			return nil
		})
	}
	group.Go(func() error {
		defer close(work)
		for _, path := range paths {
			select {
			case work <- path:
			case <-inner.Done():
				return inner.Err()
			}
		}
		return nil
	})
	return group.Wait()
}

// These remember the error and go on taking.
func sweepAll(ctx context.Context, paths []string) error {
	var group errgroup.Group
	work := make(chan string)
	for range 8 {
		group.Go(func() error {
			var last error
			for path := range work {
				if err := handle(ctx, path); err != nil {
					last = err
				}
			}
			return last
		})
	}
	for _, path := range paths {
		work <- path
	}
	close(work)
	return group.Wait()
}

// Room for everything.
func sweepRoomy(ctx context.Context, paths []string) error {
	var group errgroup.Group
	work := make(chan string, len(paths))
	for _, path := range paths {
		work <- path
	}
	close(work)
	for range 8 {
		group.Go(func() error {
			for path := range work {
				if err := handle(ctx, path); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// Only the end of the context makes these leave, and it makes the sender leave as well.
func sweepUntil(ctx context.Context, paths []string) error {
	var done sync.WaitGroup
	work := make(chan string)
	for range 8 {
		done.Add(1)
		go func() {
			defer done.Done()
			for path := range work {
				if err := ctx.Err(); err != nil {
					return
				}
				_ = handle(ctx, path)
			}
		}()
	}
	defer done.Wait()
	defer close(work)
	for _, path := range paths {
		select {
		case work <- path:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

type keeper struct {
	jobs chan func()
	quit chan struct{}
}

func newKeeper() *keeper {
	k := &keeper{jobs: make(chan func()), quit: make(chan struct{})}
	go k.loop()
	return k
}

func (k *keeper) loop() {
	for {
		select {
		case job := <-k.jobs:
			job()
		case <-k.quit:
			return
		}
	}
}

func (k *keeper) stop() { close(k.quit) }

func (k *keeper) do(job func()) {
	k.jobs <- job // want warning "once every reader of `k.jobs` has left"
}

func (k *keeper) doOrLeave(job func()) bool {
	select {
	case k.jobs <- job:
		return true
	case <-k.quit:
		return false
	}
}

type writer struct {
	lines chan string
	ended chan error
}

// It is the answer that makes this reader leave, with an error or without.
func newWriter(out *os.File) *writer {
	w := &writer{lines: make(chan string), ended: make(chan error)}
	go func() {
		for {
			select {
			case line := <-w.lines:
				out.WriteString(line)
			case err := <-w.ended:
				if err != nil {
					out.WriteString(err.Error())
				} else {
					out.WriteString("done")
				}
				return
			}
		}
	}()
	return w
}

func (w *writer) line(s string)  { w.lines <- s }
func (w *writer) end(err error) { w.ended <- err }

// The reader ends what its sender waits for.
func relay(ctx context.Context) <-chan *os.File {
	inner, cancel := context.WithCancel(ctx)
	in := make(chan *os.File)
	out := make(chan *os.File, 1)
	go func() {
		defer cancel()
		defer close(out)
		for {
			select {
			case f := <-in:
				if f == nil {
					continue
				}
				out <- f
				if f.Name() == "last" {
					return
				}
			case <-inner.Done():
				return
			}
		}
	}()
	go feed(inner, in)
	return out
}

func feed(ctx context.Context, in chan<- *os.File) {
	for {
		select {
		case in <- os.Stdin:
		case <-ctx.Done():
			return
		}
	}
}

type log struct {
	lines chan string
	flush chan bool
}

// An error ends the process here, not the reader.
func newLog(out *os.File) *log {
	l := &log{lines: make(chan string), flush: make(chan bool)}
	go func() {
		for {
			select {
			case line := <-l.lines:
				if _, err := out.WriteString(line); err != nil {
					os.Exit(1)
				}
			case <-l.flush:
				if err := out.Sync(); err != nil {
					os.Exit(1)
				}
			}
		}
	}()
	return l
}

func (l *log) sync() { l.flush <- true }
