package export

import (
	"errors"
	"io"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		started := make(chan struct{})
		rows := func(yield func(Row) error) error {
			close(started)
			return errors.New("cursor lost")
		}
		go Archive(rows, func(r io.Reader) error {
			_, err := io.Copy(io.Discard, r)
			return err
		})
		<-started
	})
}
