package feed

import (
	"context"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	judge.Keep(cancel)
	judge.Goroutines(t, func() {
		entries := make(chan string)
		f := Open(ctx, entries)
		entries <- "first"
		f.Close()
	})
}
