// Package search looks through a large list of names.
package search

import (
	"bufio"
	"io"
	"strings"
)

func names(done <-chan struct{}, r io.Reader) <-chan string {
	out := make(chan string)
	go func() {
		defer close(out)
		sc := bufio.NewScanner(r)
		for sc.Scan() {
			name := strings.TrimSpace(sc.Text())
			if name == "" {
				continue
			}
			select {
			case out <- name:
			case <-done:
				return
			}
		}
	}()
	return out
}

// First returns the first name that begins with the prefix.
func First(r io.Reader, prefix string) (string, bool) {
	done := make(chan struct{})
	defer close(done)
	for name := range names(done, r) {
		if strings.HasPrefix(name, prefix) {
			return name, true
		}
	}
	return "", false
}
