// go 1.25

// Readers that leave at a value, while others are sent.
package p

import "sync"

func usable(n int) bool { return n > 0 }

func atValue(items []int) {
	jobs := make(chan int)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for j := range jobs {
				if j < 0 {
					return
				}
			}
		})
	}
	for _, item := range items {
		jobs <- item // want warning "once every reader of `jobs` has left"
	}
	close(jobs)
	wg.Wait()
}

func atAnswer(items []int) {
	jobs := make(chan int)
	for range 4 {
		go func() {
			for j := range jobs {
				if !usable(j) {
					break
				}
				println(j)
			}
			println("gone")
		}()
	}
	for _, item := range items {
		jobs <- item // want warning "once every reader of `jobs` has left"
	}
	close(jobs)
}

// They go on with the next one.

func passesOver(items []int) {
	jobs := make(chan int)
	for range 4 {
		go func() {
			for j := range jobs {
				if j < 0 {
					continue
				}
				println(j)
			}
		}()
	}
	for _, item := range items {
		jobs <- item
	}
	close(jobs)
}

// The value that ends a reader is sent once for each.

func toldByValue(items []int) {
	jobs := make(chan int)
	for range 4 {
		go func() {
			for j := range jobs {
				if j < 0 {
					return
				}
			}
		}()
	}
	for _, item := range items {
		jobs <- item
	}
	// Where some item is less than nothing, one reader too few is left.
	for range 4 {
		jobs <- -1 // want error "blocks forever"
	}
}

func toldByLast(items []*int) {
	jobs := make(chan *int)
	go func() {
		for {
			j := <-jobs
			if j == nil {
				return
			}
		}
	}()
	for _, item := range items {
		jobs <- item
	}
	jobs <- nil
}

// What they leave behind is read to the end.

func readOn(items []int) {
	jobs := make(chan int)
	go func() {
		for j := range jobs {
			if j < 0 {
				break
			}
		}
		for range jobs {
		}
	}()
	for _, item := range items {
		jobs <- item
	}
	close(jobs)
}
