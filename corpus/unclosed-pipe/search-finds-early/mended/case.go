// Package search looks through rendered text as it is produced.
package search

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Contains tells whether a rendered line holds the word.
func Contains(lines []string, word string) bool {
	pr, pw := io.Pipe()
	defer pr.Close()
	go render(pw, lines)
	sc := bufio.NewScanner(pr)
	for sc.Scan() {
		if strings.Contains(sc.Text(), word) {
			return true
		}
	}
	return false
}

func render(w *io.PipeWriter, lines []string) {
	defer w.Close()
	for n, line := range lines {
		fmt.Fprintf(w, "%4d %s\n", n, line)
	}
}
