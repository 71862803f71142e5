// Package thumbs makes small pictures of large ones.
package thumbs

import "strings"

// All makes a thumbnail of every picture.
func All(files []string, shrink func(string) string) (out []string) {
	made := make(chan string)
	n := 0
	for _, file := range files {
		if strings.HasSuffix(file, ".svg") {
			continue
		}
		n++
		go func() {
			made <- shrink(file)
		}()
	}
	for range n {
		out = append(out, <-made)
	}
	return out
}
