// Package tracker receives positions from vehicles.
package tracker

import (
	"context"
	"log"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
)

type Tracker struct {
	mu   sync.Mutex
	last map[string]string
}

func New() *Tracker { return &Tracker{last: make(map[string]string)} }

func (t *Tracker) Last(vehicle string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last[vehicle]
}

func (t *Tracker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		log.Printf("tracker: %v", err)
		return
	}
	vehicle := r.FormValue("vehicle")
	go t.receive(conn, vehicle)
}

func (t *Tracker) receive(conn *websocket.Conn, vehicle string) {
	defer conn.CloseNow()
	for {
		position, err := read(conn)
		if err != nil {
			return
		}
		t.mu.Lock()
		t.last[vehicle] = string(position)
		t.mu.Unlock()
	}
}

func read(conn *websocket.Conn) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Millisecond)
	defer cancel()
	_, b, err := conn.Read(ctx)
	return b, err
}
