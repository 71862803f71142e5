package live

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		h := NewHub(func(string) {})
		srv := httptest.NewServer(h)
		conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(srv.URL, "http"), nil)
		if err != nil {
			t.Error(err)
			return
		}
		judge.Keep(conn)
		h.Push("101.5")
		if _, _, err := conn.ReadMessage(); err != nil {
			t.Error(err)
		}
		h.Finish()
	})
}
