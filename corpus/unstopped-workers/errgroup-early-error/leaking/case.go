// Package crawl visits the pages of a site.
package crawl

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
)

type Visitor func(ctx context.Context, page string) error

// Site visits all pages with a few workers.
func Site(ctx context.Context, pages []string, visit Visitor) error {
	g, ctx := errgroup.WithContext(ctx)
	todo := make(chan string)

	g.Go(func() error {
		for _, page := range pages {
			if page == "" {
				return fmt.Errorf("crawl: empty page")
			}
			todo <- page
		}
		close(todo)
		return nil
	})
	for range 3 {
		g.Go(func() error {
			for page := range todo {
				if err := visit(ctx, page); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}
