// Package mirror copies pages.
package mirror

import "sync"

type Store interface{ Put(url, page string) }

// Copy fetches all pages at once and stores them.
func Copy(urls []string, get func(string) (string, error), to Store) {
	var busy sync.WaitGroup
	for _, url := range urls {
		busy.Add(1)
		go func() {
			page, err := get(url)
			if err != nil {
				return
			}
			to.Put(url, page)
			busy.Done()
		}()
	}
	busy.Wait()
}
