// Package chat lets browsers talk to each other.
package chat

import (
	"log"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

var upgrader = websocket.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 1024}

const patience = 60 * time.Millisecond

type Room struct {
	Say func(from string, text []byte)
}

// Join is the handler behind /join.
func (room *Room) Join(w http.ResponseWriter, r *http.Request) {
	name := r.FormValue("name")
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		log.Printf("chat: %v", err)
		return
	}

	go func() {
		defer conn.Close()
		for {
			_ = conn.SetReadDeadline(time.Now().Add(patience))
			_, text, err := conn.ReadMessage()
			if err != nil {
				log.Printf("chat: %s left: %v", name, err)
				break
			}
			room.Say(name, text)
		}
	}()
}
