// Package probe asks servers whether they are well.
package probe

import (
	"context"
	"fmt"
	"net/http"
)

// Prober asks with one connection to each server.
type Prober struct {
	client *http.Client
}

// New makes a prober.
func New() *Prober {
	return &Prober{client: &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}}
}

// Start asks one after the other and sends what it finds.
func (p *Prober) Start(ctx context.Context, urls []string) <-chan error {
	found := make(chan error, len(urls))
	go func() {
		defer close(found)
		for _, url := range urls {
			found <- p.probe(ctx, url)
		}
	}()
	return found
}

func (p *Prober) probe(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("probe: %s", resp.Status)
	}
	return nil
}
