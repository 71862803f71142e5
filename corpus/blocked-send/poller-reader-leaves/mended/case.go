// Package feed streams the state of a shipment to browsers.
package feed

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

type Update struct {
	Shipment string
	Place    string
}

type Feed struct {
	lookup   func(shipment string) Update
	interval time.Duration
}

func New(lookup func(string) Update, interval time.Duration) *Feed {
	return &Feed{lookup: lookup, interval: interval}
}

// follow looks a shipment up again and again until ctx ends.
func (f *Feed) follow(ctx context.Context, shipment string) <-chan Update {
	updates := make(chan Update)
	go func() {
		defer close(updates)
		tick := time.NewTicker(f.interval)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			select {
			case updates <- f.lookup(shipment):
			case <-ctx.Done():
				return
			}
		}
	}()
	return updates
}

func (f *Feed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	updates := f.follow(r.Context(), r.URL.Query().Get("shipment"))
	enc := json.NewEncoder(w)
	for u := range updates {
		if err := enc.Encode(u); err != nil {
			return
		}
		w.(http.Flusher).Flush()
	}
}
