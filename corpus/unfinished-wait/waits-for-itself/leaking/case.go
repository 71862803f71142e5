// Package relay passes messages on and tells when all are through.
package relay

import "sync"

// Run passes all messages on; what it returns is closed when they are through.
func Run(messages []string, pass func(string)) <-chan struct{} {
	through := make(chan struct{})
	var running sync.WaitGroup
	for _, m := range messages {
		running.Add(1)
		go func() {
			defer running.Done()
			pass(m)
		}()
	}
	running.Add(1)
	go func() {
		defer running.Done()
		running.Wait()
		close(through)
	}()
	return through
}
