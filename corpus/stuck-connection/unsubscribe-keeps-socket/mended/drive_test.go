package quotes

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var up websocket.Upgrader
			conn, err := up.Upgrade(w, r, nil)
			if err != nil {
				return
			}
			judge.Keep(conn)
			conn.WriteJSON(Quote{"NABIL", 512})
		}))
		got := make(chan Quote)
		s, err := Subscribe("ws"+strings.TrimPrefix(srv.URL, "http"), func(q Quote) { got <- q })
		if err != nil {
			t.Error(err)
			return
		}
		<-got
		s.Unsubscribe()
	})
}
