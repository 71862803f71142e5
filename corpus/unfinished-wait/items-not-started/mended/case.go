// Package census counts heads.
package census

import "sync"

// Count asks every household that is at home.
func Count(homes map[string]bool, ask func(string) int) int {
	var mu sync.Mutex
	total := 0
	var asking sync.WaitGroup
	for address, in := range homes {
		if !in {
			continue
		}
		asking.Add(1)
		go func() {
			defer asking.Done()
			n := ask(address)
			mu.Lock()
			total += n
			mu.Unlock()
		}()
	}
	asking.Wait()
	return total
}
