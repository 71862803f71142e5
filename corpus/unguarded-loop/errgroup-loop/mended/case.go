// Package replica keeps local copies of several regions.
package replica

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"
)

type Pull func(ctx context.Context, region string, since int64) (next int64, err error)

// Sync pulls from all regions; it returns when there is nothing left to do.
func Sync(ctx context.Context, pull Pull, regions []string) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, region := range regions {
		g.Go(func() error {
			var since int64
			for ctx.Err() == nil {
				next, err := pull(ctx, region, since)
				if err == nil {
					since = next
				}
				time.Sleep(10 * time.Millisecond)
			}
			return ctx.Err()
		})
	}
	return g.Wait()
}
