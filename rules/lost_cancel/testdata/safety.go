// What a context is given to, and what of it lives on.
package p

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"time"
)

func asks(ctx context.Context, url string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second) // want "cancel" fix safe
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	cancel()
	return resp.StatusCode, nil
}

// Two calls down a goroutine keeps it.
func begin(ctx context.Context) { start(ctx) }

func start(ctx context.Context) { go func() { <-ctx.Done() }() }

func lasts(ctx context.Context, fail bool) {
	ctx, cancel := context.WithTimeout(ctx, time.Hour) // want "cancel" fix unsafe
	begin(ctx)
	if fail {
		return
	}
	cancel()
}

// The process would be killed.
func runs(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Hour) // want "cancel" fix unsafe
	cmd := exec.CommandContext(ctx, "true")
	if err := cmd.Start(); err != nil {
		return err
	}
	cancel()
	return nil
}

func waits(ctx context.Context, late bool) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt) // want "stop|signal" fix unsafe
	if late {
		return
	}
	<-ctx.Done()
	stop()
}
