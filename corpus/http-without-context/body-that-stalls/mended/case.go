// Package artifacts downloads build results.
package artifacts

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

type Fetcher struct {
	Base string
	Dest io.Writer
}

// Start downloads all artifacts of a build and reports each outcome.
func (f *Fetcher) Start(ctx context.Context, build string, names []string) <-chan error {
	results := make(chan error, len(names))
	for _, name := range names {
		go func() {
			results <- f.fetch(ctx, fmt.Sprintf("%s/%s/%s", f.Base, build, name))
		}()
	}
	return results
}

func (f *Fetcher) fetch(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("artifacts: %s", resp.Status)
	}
	_, err = io.Copy(f.Dest, resp.Body)
	return err
}
