// Package push sends measurements without holding them in memory twice.
package push

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

var client = &http.Client{Timeout: 10 * time.Second}

// Push posts the values as JSON.
func Push(url string, values map[string]int) error {
	body, w := io.Pipe()
	go func() {
		w.CloseWithError(json.NewEncoder(w).Encode(values))
	}()
	req, err := http.NewRequest(http.MethodPost, url, body)
	if err != nil {
		body.Close()
		return fmt.Errorf("push: %w", err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("push: %w", err)
	}
	return resp.Body.Close()
}
