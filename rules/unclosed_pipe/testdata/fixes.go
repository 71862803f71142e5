// Ends that can be closed where they are used last.
package fixes

import (
	"bufio"
	"fmt"
	"io"
)

func all(src io.Reader) ([]byte, error) {
	pr, pw := io.Pipe()
	go func() {
		io.Copy(pw, src)
	}()
	return io.ReadAll(pr) // want "nothing closes `pw`"
}

func first(lines []string) string {
	pr, pw := io.Pipe()
	go func() {
		defer pw.Close()
		for _, line := range lines {
			fmt.Fprintln(pw, line) // want "because nothing closes `pr`|leaves without closing `pr`"
		}
	}()
	sc := bufio.NewScanner(pr)
	for sc.Scan() {
		return sc.Text()
	}
	return ""
}

func beside(sink io.Writer, lines []string) {
	pr, pw := io.Pipe()
	go func() {
		io.Copy(sink, pr) // want "nothing closes `pw`"
	}()
	for _, line := range lines {
		fmt.Fprintln(pw, line)
	}
}
