// Package links finds links that lead nowhere.
package links

import (
	"net/http"
	"sync"
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
func Check(urls []string) []string {
	var (
		wg  sync.WaitGroup
		rep Report
	)
	for _, url := range urls {
		wg.Go(func() {
			if !reachable(url) {
				rep.add(url)
			}
		})
	}
	wg.Wait()
	return rep.dead
}

func reachable(url string) bool {
	for try := 0; try < 3; try++ {
		resp, err := http.Head(url)
		if err != nil {
			continue
		}
		resp.Body.Close()
		return resp.StatusCode < 400
	}
	return false
}
