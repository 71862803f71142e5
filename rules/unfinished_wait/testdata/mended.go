package mended

import (
	"fmt"
	"sync"
)

func load(id int) error { return nil }

func all(ids []int) {
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Add(1)
		go func() {
			if err := load(id); err != nil {
				return
			}
			fmt.Println(id)
			wg.Done()
		}()
	}
	wg.Wait() // want "leaves without `wg.Done"
}
