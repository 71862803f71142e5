// Package live pushes prices to subscribers.
package live

import (
	"net/http"

	"github.com/gorilla/websocket"
)

var upgrader websocket.Upgrader

type Hub struct {
	prices chan string
	onText func(string)
}

func NewHub(onText func(string)) *Hub {
	return &Hub{prices: make(chan string), onText: onText}
}

// Push sends a price to one subscriber.
func (h *Hub) Push(price string) { h.prices <- price }

// Finish ends the day: subscribers get no more prices.
func (h *Hub) Finish() { close(h.prices) }

func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	go h.readPump(conn)
	h.writePump(conn)
}

func (h *Hub) writePump(conn *websocket.Conn) {
	for price := range h.prices {
		if err := conn.WriteMessage(websocket.TextMessage, []byte(price)); err != nil {
			return
		}
	}
}

func (h *Hub) readPump(conn *websocket.Conn) {
	for {
		_, text, err := conn.ReadMessage()
		if err != nil {
			return
		}
		h.onText(string(text))
	}
}
