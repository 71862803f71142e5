// Package push delivers events to a hook.
package push

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

var ErrRefused = errors.New("push: refused")

// Hook is where events go.
type Hook struct {
	URL    string
	client *http.Client
}

// NewHook makes a hook with one connection.
func NewHook(url string) *Hook {
	return &Hook{URL: url, client: &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}}
}

func (h *Hook) deliver(ctx context.Context, event string) error {
	for range 3 {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, strings.NewReader(event))
		if err != nil {
			return err
		}
		resp, err := h.client.Do(req)
		if err != nil {
			return err
		}
		if resp.StatusCode >= http.StatusInternalServerError {
			continue
		}
		resp.Body.Close()
		return nil
	}
	return ErrRefused
}

// Send delivers an event in the background.
func (h *Hook) Send(ctx context.Context, event string) <-chan error {
	done := make(chan error, 1)
	go func() {
		done <- h.deliver(ctx, event)
	}()
	return done
}
