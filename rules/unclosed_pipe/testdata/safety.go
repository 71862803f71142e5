// The end of a pipe whose writer fails.
package p

import (
	"fmt"
	"io"
)

func sends(make_ func() (int, error)) io.Reader {
	pr, pw := io.Pipe() // want "waits for ever" fix safe
	go func() {
		n, err := make_()
		if err != nil {
			return
		}
		fmt.Fprintln(pw, n)
		pw.Close()
	}()
	return pr
}
