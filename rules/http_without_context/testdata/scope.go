// A context that is declared below the request cannot go into it.
package scope

import (
	"context"
	"net/http"
)

func late(url string, given context.Context) error {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	_, err = http.DefaultClient.Do(req) // want "no time limit" fix unsafe
	return err
}

func below(url string) error {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	<-ctx.Done()
	_, err = http.DefaultClient.Do(req) // want "no time limit" fix none
	return err
}

func hidden(ctx context.Context, url string) error {
	for _, ctx := range []string{"a", "b"} {
		resp, err := http.Get(url + ctx) // want "no time limit" fix none
		if err != nil {
			return err
		}
		resp.Body.Close()
	}
	return nil
}
