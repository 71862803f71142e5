package push

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
		asked := make(chan struct{}, 3)
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked <- struct{}{}
			http.Error(w, "later", http.StatusServiceUnavailable)
		}))
		NewHook(srv.URL).Send(ctx, "created")
		<-asked
	})
}
