// Package survey asks everybody and counts the answers.
package survey

import "sync"

// Count asks each person and counts who agrees.
func Count(people []string, ask func(string) bool) (agree int) {
	answers := make(chan bool)
	var asking sync.WaitGroup
	for _, person := range people {
		asking.Add(1)
		go func() {
			defer asking.Done()
			answers <- ask(person)
		}()
	}
	go func() {
		asking.Wait()
		close(answers)
	}()
	for yes := range answers {
		if yes {
			agree++
		}
	}
	return agree
}
