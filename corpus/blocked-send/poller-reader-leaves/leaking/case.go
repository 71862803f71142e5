// Package feed streams the state of a shipment to browsers.
package feed

import (
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

// follow looks a shipment up again and again.
func (f *Feed) follow(shipment string) <-chan Update {
	updates := make(chan Update)
	go func() {
		tick := time.NewTicker(f.interval)
		defer tick.Stop()
		for range tick.C {
			u := f.lookup(shipment)
			updates <- u
		}
	}()
	return updates
}

func (f *Feed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	updates := f.follow(r.URL.Query().Get("shipment"))
	enc := json.NewEncoder(w)
	for {
		select {
		case <-r.Context().Done():
			return
		case u := <-updates:
			if err := enc.Encode(u); err != nil {
				return
			}
			w.(http.Flusher).Flush()
		}
	}
}
