// Package ship packs logs.
package ship

import (
	"compress/gzip"
	"io"
)

// Packed gives the packed form of a log.
func Packed(log io.Reader) ([]byte, error) {
	pr, pw := io.Pipe()
	go func() {
		z := gzip.NewWriter(pw)
		defer z.Close()
		io.Copy(z, log)
	}()
	return io.ReadAll(pr)
}
