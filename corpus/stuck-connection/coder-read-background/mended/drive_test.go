package tracker

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/coder/websocket"
	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		tr := New()
		srv := httptest.NewServer(tr)
		ctx := context.Background()
		conn, _, err := websocket.Dial(ctx, srv.URL+"?vehicle=bus-4", nil)
		if err != nil {
			t.Error(err)
			return
		}
		judge.Keep(conn)
		conn.Write(ctx, websocket.MessageText, []byte("27.71,85.32"))
		for tr.Last("bus-4") == "" {
			time.Sleep(time.Millisecond)
		}
	})
}
