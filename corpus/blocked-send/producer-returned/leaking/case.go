// Package search looks through a large list of names.
package search

import (
	"bufio"
	"io"
	"strings"
)

func names(r io.Reader) <-chan string {
	out := make(chan string)
	go func() {
		defer close(out)
		sc := bufio.NewScanner(r)
		for sc.Scan() {
			name := strings.TrimSpace(sc.Text())
			if name == "" {
				continue
			}
			out <- name
		}
	}()
	return out
}

// First returns the first name that begins with the prefix.
func First(r io.Reader, prefix string) (string, bool) {
	for name := range names(r) {
		if strings.HasPrefix(name, prefix) {
			return name, true
		}
	}
	return "", false
}
