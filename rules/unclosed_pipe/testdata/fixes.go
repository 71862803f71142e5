// Ends that can be closed where they are used last.
package fixes

import (
	"bufio"
	"encoding/json"
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

// Whoever reads must not take half of it for the whole.
func encode(v any) ([]byte, error) {
	pr, pw := io.Pipe()
	defer pr.Close()
	go func() {
		if err := json.NewEncoder(pw).Encode(v); err != nil {
			return
		}
		pw.Close()
	}()
	return io.ReadAll(pr) // want "if `encode.func1` leaves without closing `pw`"
}

func encodeAll(vs []any, next func() error) ([]byte, error) {
	pr, pw := io.Pipe()
	defer pr.Close()
	go func() {
		enc := json.NewEncoder(pw)
		for _, v := range vs {
			if err := enc.Encode(v); err != nil {
				return
			}
			err := next()
			if err != nil {
				fmt.Println(err)
				return
			}
		}
		pw.Close()
	}()
	return io.ReadAll(pr) // want "if `encodeAll.func1` leaves without closing `pw`"
}
