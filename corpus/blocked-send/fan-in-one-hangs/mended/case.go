// Package prices asks several shops for the price of an article.
package prices

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

type Offer struct {
	Shop  string
	Cents int
}

type Client struct {
	http    *http.Client
	patient time.Duration
}

func (c *Client) offer(ctx context.Context, shop, article string) Offer {
	o := Offer{Shop: shop}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, shop+"/offers/"+article, nil)
	if err != nil {
		return o
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return o
	}
	defer resp.Body.Close()
	_ = json.NewDecoder(resp.Body).Decode(&o.Cents)
	return o
}

// Offers asks all shops at once and returns what came in time.
func (c *Client) Offers(ctx context.Context, article string, shops []string) []Offer {
	ctx, cancel := context.WithTimeout(ctx, c.patient)
	defer cancel()
	offers := make(chan Offer, len(shops))
	for _, shop := range shops {
		go func() {
			offers <- c.offer(ctx, shop, article)
		}()
	}
	all := make([]Offer, 0, len(shops))
	for range shops {
		select {
		case o := <-offers:
			all = append(all, o)
		case <-ctx.Done():
			return all
		}
	}
	return all
}
