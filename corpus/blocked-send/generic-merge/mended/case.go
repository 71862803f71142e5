// Package merge joins several streams into one.
package merge

import "sync"

// All yields the values of all streams and is closed after the last one, or
// when done is closed.
func All[T any](done <-chan struct{}, streams ...<-chan T) <-chan T {
	out := make(chan T)
	var wg sync.WaitGroup
	for _, s := range streams {
		wg.Add(1)
		go func(s <-chan T) {
			defer wg.Done()
			for v := range s {
				select {
				case out <- v:
				case <-done:
					return
				}
			}
		}(s)
	}
	go func() {
		wg.Wait()
		close(out)
	}()
	return out
}

type Log struct {
	Level string
	Text  string
}

// FirstError finds an error in any of the streams.
func FirstError(streams ...<-chan Log) (Log, bool) {
	done := make(chan struct{})
	defer close(done)
	for l := range All(done, streams...) {
		if l.Level == "error" {
			return l, true
		}
	}
	return Log{}, false
}
