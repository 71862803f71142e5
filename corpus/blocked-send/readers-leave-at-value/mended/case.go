// Package resize makes small pictures out of large ones.
package resize

import "sync"

type Picture struct {
	Name   string
	Pixels int
}

// All hands the pictures to a few workers and waits for them.
func All(pictures []Picture, shrink func(Picture)) {
	todo := make(chan Picture)
	var workers sync.WaitGroup
	for range 2 {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for p := range todo {
				if p.Pixels == 0 {
					continue
				}
				shrink(p)
			}
		}()
	}
	for _, p := range pictures {
		todo <- p
	}
	close(todo)
	workers.Wait()
}
