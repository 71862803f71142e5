// Package survey asks everybody and counts the answers.
package survey

// Count asks each person and counts who agrees.
func Count(people []string, ask func(string) bool) (agree int) {
	answers := make(chan bool)
	for _, person := range people {
		go func() {
			answers <- ask(person)
		}()
	}
	for yes := range answers {
		if yes {
			agree++
		}
	}
	return agree
}
