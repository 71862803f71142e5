// Package resize scales a batch of pictures.
package resize

import "sync"

type Picture struct {
	Name   string
	Pixels []byte
}

const workers = 4

// Batch halves all pictures and returns them by name.
func Batch(pictures []Picture) map[string]Picture {
	jobs := make(chan Picture)
	var (
		mu   sync.Mutex
		done = make(map[string]Picture, len(pictures))
		wg   sync.WaitGroup
	)
	wg.Add(len(pictures))
	for i := 0; i < workers; i++ {
		go func() {
			for p := range jobs {
				p.Pixels = p.Pixels[:len(p.Pixels)/2]
				mu.Lock()
				done[p.Name] = p
				mu.Unlock()
				wg.Done()
			}
		}()
	}
	for _, p := range pictures {
		jobs <- p
	}
	wg.Wait()
	return done
}
