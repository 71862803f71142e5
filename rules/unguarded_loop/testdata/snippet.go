// A snippet without imports still says what it means.
package p

func canary() {
	go func() {
		for range time.Tick(time.Minute) { // want warning "loops for ever"
			println(runtime.NumGoroutine())
		}
	}()
}

func guarded(ctx context.Context, ch chan int) {
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-ch:
			}
		}
	}()
}

func endless(ch chan int) {
	ctx := context.Background()
	go func() {
		for {
			select { // want error "its way out does not work"
			case <-ctx.Done():
				return
			case <-ch:
			}
		}
	}()
}
