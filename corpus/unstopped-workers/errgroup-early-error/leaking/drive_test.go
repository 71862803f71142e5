package crawl

import (
	"context"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		go Site(context.Background(), []string{"/", "/about", "", "/news"}, func(context.Context, string) error { return nil })
	})
}
