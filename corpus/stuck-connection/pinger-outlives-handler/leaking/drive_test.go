package device

import (
	"io"
	"log"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	log.SetOutput(io.Discard)
	judge.Goroutines(t, func() {
		e := &Endpoint{
			Known: func(serial string) bool { return serial == "7" },
			Store: func(string, string) {},
			Ping:  10 * time.Millisecond,
		}
		srv := httptest.NewServer(e)
		for _, serial := range []string{"7", "8"} {
			conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(srv.URL, "http")+"?serial="+serial, nil)
			if err != nil {
				t.Error(err)
				return
			}
			judge.Keep(conn)
			conn.WriteMessage(websocket.TextMessage, []byte("21.5"))
		}
	})
}
