// Package lint checks many documents side by side.
package lint

import (
	"strings"
	"sync"
)

type Problem struct {
	Doc  string
	Text string
}

func check(doc, body string) Problem {
	p := Problem{Doc: doc}
	if strings.Contains(body, "\t") {
		p.Text = "tab in text"
	}
	return p
}

// Documents checks all documents and returns one verdict for each.
func Documents(docs map[string]string) []Problem {
	var wg sync.WaitGroup
	found := make(chan Problem)
	for doc, body := range docs {
		wg.Add(1)
		go func() {
			defer wg.Done()
			found <- check(doc, body)
		}()
	}
	go func() {
		wg.Wait()
		close(found)
	}()

	var all []Problem
	for p := range found {
		all = append(all, p)
	}
	return all
}
