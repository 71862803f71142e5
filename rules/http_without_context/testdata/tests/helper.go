package p

import (
	"net/http"
	"testing"
)

// A helper of tests that stands in a file of its own.
func scrape(t *testing.T, client *http.Client) {
	t.Run("metrics", func(*testing.T) { http.Get("http://localhost:8888/metrics") }) // want note "http.Get has no time limit"
	defer client.CloseIdleConnections()
}
