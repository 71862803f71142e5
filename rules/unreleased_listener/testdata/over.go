// Ways out that wait for the goroutine which serves: when it is through, nothing is left to shut down.
package over

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"

	"golang.org/x/sync/errgroup"
)

func Result(ctx context.Context, h http.Handler) error {
	s := &http.Server{Handler: h}
	errc := make(chan error, 1)
	go func() { errc <- s.ListenAndServe() }()
	select {
	case <-ctx.Done():
		return s.Shutdown(context.Background())
	case err := <-errc:
		return err
	}
}

func Failure(ctx context.Context, l net.Listener, h http.Handler) error {
	s := &http.Server{Handler: h}
	failed := make(chan error, 1)
	go func() {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	}()
	select {
	case <-ctx.Done():
	case err := <-failed:
		return err
	}
	return s.Shutdown(context.Background())
}

func Closed(ctx context.Context, h http.Handler) error {
	s := &http.Server{Handler: h}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.ListenAndServe()
	}()
	select {
	case <-ctx.Done():
		return s.Shutdown(context.Background())
	case <-done:
		return nil
	}
}

func Ranged(h http.Handler, stop bool) (err error) {
	s := &http.Server{Handler: h}
	errs := make(chan error)
	go func() {
		errs <- s.ListenAndServe()
		close(errs)
	}()
	if stop {
		return s.Close()
	}
	for err = range errs {
		println(err.Error())
	}
	return err
}

func Waited(ctx context.Context, h http.Handler, forever bool) error {
	s := &http.Server{Handler: h}
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		s.ListenAndServe()
	}()
	if forever {
		wg.Wait()
		return nil
	}
	<-ctx.Done()
	return s.Shutdown(context.Background())
}

func InGroup(ctx context.Context, h http.Handler, forever bool) error {
	s := &http.Server{Handler: h}
	var g errgroup.Group
	g.Go(func() error { return s.ListenAndServe() })
	if forever {
		return g.Wait()
	}
	<-ctx.Done()
	return s.Shutdown(context.Background())
}

func Relayed(ctx context.Context, h http.Handler) error {
	s := &http.Server{Handler: h}
	var wg sync.WaitGroup
	wg.Go(func() { s.ListenAndServe() })
	done := make(chan struct{})
	go func() {
		wg.Wait()
		close(done)
	}()
	select {
	case <-ctx.Done():
		return s.Shutdown(context.Background())
	case <-done:
		return nil
	}
}

func Handed(ctx context.Context, h http.Handler, forever bool) error {
	s := &http.Server{Handler: h}
	errc := make(chan error, 1)
	go func() { errc <- s.ListenAndServe() }()
	if forever {
		return first(errc)
	}
	<-ctx.Done()
	return s.Shutdown(context.Background())
}

func first(errs <-chan error) error { return <-errs }

// Of two, both are waited for.
func Both(ctx context.Context, a, b http.Handler, forever bool) error {
	s, t := &http.Server{Handler: a}, &http.Server{Handler: b}
	errc := make(chan error, 2)
	go func() { errc <- s.ListenAndServe() }()
	go func() { errc <- t.ListenAndServe() }()
	if forever {
		for range 2 {
			<-errc
		}
		return nil
	}
	<-ctx.Done()
	return errors.Join(s.Close(), t.Close())
}

// The first to fail ends the wait, and the other serves on.
func Either(ctx context.Context, a, b http.Handler) error {
	s, t := &http.Server{Handler: a}, &http.Server{Handler: b}
	errc := make(chan error, 2)
	go func() { errc <- s.ListenAndServe() }() // want error "server s is not shut down on every way out of Either"
	go func() { errc <- t.ListenAndServe() }() // want error "server t is not shut down on every way out of Either"
	select {
	case <-ctx.Done():
		return errors.Join(s.Close(), t.Close())
	case err := <-errc:
		return err
	}
}

func Early(ctx context.Context, h http.Handler, ready func() error) error {
	s := &http.Server{Handler: h}
	errc := make(chan error, 1)
	go func() { errc <- s.ListenAndServe() }() // want error "server s is not shut down on every way out of Early"
	if err := ready(); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return s.Shutdown(context.Background())
	case err := <-errc:
		return err
	}
}

// That it is about to serve is not that it has served.
func Ready(ctx context.Context, h http.Handler) error {
	s := &http.Server{Handler: h}
	ready := make(chan struct{})
	go func() {
		close(ready)
		s.ListenAndServe() // want error "server s is not shut down on every way out of Ready"
	}()
	select {
	case <-ctx.Done():
		return s.Shutdown(context.Background())
	case <-ready:
		return nil
	}
}

func Again(ctx context.Context, h http.Handler, quit <-chan struct{}) error {
	s := &http.Server{Handler: h}
	failed := make(chan error)
	go func() {
		for {
			failed <- s.ListenAndServe() // want error "server s is not shut down on every way out of Again"
		}
	}()
	select {
	case <-quit:
		return s.Shutdown(context.Background())
	case err := <-failed:
		return err
	}
}
