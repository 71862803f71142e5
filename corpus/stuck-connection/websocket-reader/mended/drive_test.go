package chat

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
		said := make(chan string, 1)
		room := &Room{Say: func(_ string, text []byte) { said <- string(text) }}
		srv := httptest.NewServer(http.HandlerFunc(room.Join))
		url := "ws" + strings.TrimPrefix(srv.URL, "http") + "/join?name=mira"
		conn, _, err := websocket.DefaultDialer.Dial(url, nil)
		if err != nil {
			t.Error(err)
			return
		}
		judge.Keep(conn)
		conn.WriteMessage(websocket.TextMessage, []byte("hello"))
		<-said
	})
}
