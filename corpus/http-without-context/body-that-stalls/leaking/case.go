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
			results <- f.fetch(fmt.Sprintf("%s/%s/%s", f.Base, build, name))
		}()
	}
	return results
}

func (f *Fetcher) fetch(url string) error {
	resp, err := http.Get(url)
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
