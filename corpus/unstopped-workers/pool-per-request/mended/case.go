// Package hasher hashes the fields of a form.
package hasher

import (
	"crypto/sha256"
	"fmt"
	"net/http"
)

type task struct {
	value string
	sum   chan<- string
}

// start runs n workers and returns where to send them tasks.
func start(n int) chan<- task {
	tasks := make(chan task)
	worker := func() {
		for t := range tasks {
			t.sum <- fmt.Sprintf("%x", sha256.Sum256([]byte(t.value)))
		}
	}
	for i := 0; i < n; i++ {
		go worker()
	}
	return tasks
}

func Handle(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	hash := start(4)
	defer close(hash)
	for key, values := range r.Form {
		sums := make(chan string, len(values))
		for _, v := range values {
			hash <- task{v, sums}
		}
		for range values {
			fmt.Fprintln(w, key, <-sums)
		}
	}
}
