// Package weather reads the temperature of places.
package weather

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// Client asks a weather service.
type Client struct {
	base string
	http *http.Client
}

// NewClient makes a client with one connection.
func NewClient(base string) *Client {
	return &Client{base: base, http: &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}}
}

func (c *Client) get(ctx context.Context, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("weather: %w", err)
	}
	return resp, nil
}

func (c *Client) degrees(ctx context.Context, place string) (n int, err error) {
	resp, err := c.get(ctx, "/now/"+place)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	err = json.NewDecoder(resp.Body).Decode(&n)
	return n, err
}

// All asks for all places, one after the other.
func (c *Client) All(ctx context.Context, places []string) <-chan int {
	out := make(chan int, len(places))
	go func() {
		defer close(out)
		for _, place := range places {
			if n, err := c.degrees(ctx, place); err == nil {
				out <- n
			}
		}
	}()
	return out
}
