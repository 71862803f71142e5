package gateway

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"goleash.test/judge"
	"goleash.test/judge/mute"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		srv := httptest.NewServer(Handler(mute.HTTP()))
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		req, _ := http.NewRequestWithContext(ctx, "GET", srv.URL+"/orders/7", nil)
		http.DefaultClient.Do(req)
	})
}
