// Package device accepts measurements of devices.
package device

import (
	"log"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

var upgrader websocket.Upgrader

type Endpoint struct {
	Known func(serial string) bool
	Store func(serial, value string)
	Ping  time.Duration
}

func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	go e.ping(conn)

	serial := r.FormValue("serial")
	if !e.Known(serial) {
		log.Printf("device: %s is not known", serial)
		return
	}
	_ = conn.SetReadDeadline(time.Now().Add(20 * e.Ping))
	_, value, err := conn.ReadMessage()
	if err != nil {
		return
	}
	e.Store(serial, string(value))
}

func (e *Endpoint) ping(conn *websocket.Conn) {
	tick := time.NewTicker(e.Ping)
	defer tick.Stop()
	for range tick.C {
		if err := conn.WriteMessage(websocket.PingMessage, nil); err != nil {
			return
		}
	}
}
