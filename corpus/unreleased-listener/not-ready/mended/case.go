// Package serve runs a server for as long as a context lasts.
package serve

import (
	"context"
	"net/http"
)

// Run serves on addr until ctx ends.
func Run(ctx context.Context, addr string, ready func() error) error {
	srv := &http.Server{Addr: addr, Handler: http.NotFoundHandler()}
	defer srv.Close()
	failed := make(chan error, 1)
	go func() {
		failed <- srv.ListenAndServe()
	}()
	if err := ready(); err != nil {
		return err
	}
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return srv.Shutdown(context.WithoutCancel(ctx))
	}
}
