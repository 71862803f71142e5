// Package links finds links that lead nowhere.
package links

import (
	"context"
	"net/http"
	"sync"
	"time"
)

type Report struct {
	mu   sync.Mutex
	dead []string
}

func (r *Report) add(url string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dead = append(r.dead, url)
}

// Check tries all links at once.
func Check(ctx context.Context, urls []string) []string {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Millisecond)
	defer cancel()
	var (
		wg  sync.WaitGroup
		rep Report
	)
	for _, url := range urls {
		wg.Go(func() {
			if !reachable(ctx, url) {
				rep.add(url)
			}
		})
	}
	wg.Wait()
	return rep.dead
}

func reachable(ctx context.Context, url string) bool {
	for try := 0; try < 3; try++ {
		req, err := http.NewRequestWithContext(ctx, http.MethodHead, url, nil)
		if err != nil {
			return false
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			continue
		}
		resp.Body.Close()
		return resp.StatusCode < 400
	}
	return false
}
