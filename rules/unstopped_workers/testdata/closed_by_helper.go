package closed

// finish closes a channel that is there.
func finish[T any](c chan<- T) {
	if c != nil {
		close(c)
		return
	}
	println("nothing to close")
}

func total(parts []int) int {
	ch := make(chan int)
	done := make(chan int)
	go func() {
		sum := 0
		for n := range ch {
			sum += n
		}
		done <- sum
	}()
	for _, p := range parts {
		ch <- p
	}
	finish(ch)
	return <-done
}

func drained(n int) {
	ch := make(chan int, n)
	for i := 0; i < n; i++ {
		go func() { ch <- i }()
	}
	go func() {
		finish(ch)
		for range ch {
		}
	}()
}
