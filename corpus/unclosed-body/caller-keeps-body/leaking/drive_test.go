package weather

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	judge.Keep(cancel)
	judge.Goroutines(t, func() {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "21\n"+strings.Repeat(" ", 1<<16))
		}))
		if n := <-NewClient(srv.URL).All(ctx, []string{"here", "there"}); n != 21 {
			t.Error(n)
		}
	})
}
