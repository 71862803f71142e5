package probe

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	judge.Keep(cancel)
	judge.Goroutines(t, func() {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, "not now", http.StatusServiceUnavailable)
		}))
		found := New().Start(ctx, []string{srv.URL + "/a", srv.URL + "/b"})
		if err := <-found; err == nil {
			t.Error("no error")
		}
	})
}
