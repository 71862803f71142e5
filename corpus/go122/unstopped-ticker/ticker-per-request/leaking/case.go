// Package progress shows a counter while it rises.
package progress

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"time"
)

type Counter struct {
	n     atomic.Int64
	every time.Duration
}

func New(every time.Duration) *Counter { return &Counter{every: every} }

func (c *Counter) Add(n int64) { c.n.Add(n) }

func (c *Counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	flusher, _ := w.(http.Flusher)
	ticks := time.NewTicker(c.every).C
	for {
		select {
		case <-r.Context().Done():
			return
		case <-ticks:
			fmt.Fprintf(w, "data: %d\n\n", c.n.Load())
			if flusher != nil {
				flusher.Flush()
			}
		}
	}
}
