package thumbs

import (
	"io"
	"log"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	log.SetOutput(io.Discard)
	judge.Goroutines(t, func() {
		c := NewCache(func(b []byte) []byte { return b[:1] })
		c.Uploaded("a.png", []byte("aaaa"))
		c.Uploaded("b.png", []byte("bbbb"))
	})
}
