// Package digest sums up parts while they are being checked.
package digest

import (
	"crypto/sha256"
	"io"
)

// Sum checks the parts and gives the sum over all of them.
func Sum(parts [][]byte, check func([]byte) error) ([]byte, error) {
	pr, pw := io.Pipe()
	sum := make(chan []byte, 1)
	go func() {
		h := sha256.New()
		io.Copy(h, pr)
		sum <- h.Sum(nil)
	}()
	for _, part := range parts {
		if err := check(part); err != nil {
			return nil, err
		}
		if _, err := pw.Write(part); err != nil {
			return nil, err
		}
	}
	pw.Close()
	return <-sum, nil
}
