package p

import (
	"context"
	"fmt"
	"net/http"
)

func get(ctx context.Context, base string) error {
	resp, err := http.Get(base + "/list") // want "http.Get"
	if err != nil {
		return fmt.Errorf("list: %w", err)
	}
	return resp.Body.Close()
}

func request(w http.ResponseWriter, r *http.Request) {
	req, err := http.NewRequest("POST", "http://a", r.Body)
	if err != nil {
		return
	}
	resp, err := http.DefaultClient.Do(req) // want "http.DefaultClient.Do"
	if err != nil {
		return
	}
	resp.Body.Close()
}

func noContext(u string) error {
	resp, err := http.Get(u) // want "http.Get"
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func otherShape(ctx context.Context, u string) {
	if _, err := http.Get(u); err != nil { // want "http.Get"
		println(ctx, err)
	}
}
