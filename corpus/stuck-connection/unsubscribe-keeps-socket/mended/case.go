// Package quotes subscribes to quotes of a stock exchange.
package quotes

import (
	"sync"

	"github.com/gorilla/websocket"
)

type Quote struct {
	Symbol string  `json:"symbol"`
	Price  float64 `json:"price"`
}

type Subscription struct {
	conn *websocket.Conn

	mu sync.Mutex
	fn func(Quote)
}

func Subscribe(url string, fn func(Quote)) (*Subscription, error) {
	conn, _, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		return nil, err
	}
	s := &Subscription{conn: conn, fn: fn}
	go s.loop()
	return s, nil
}

// Unsubscribe: fn is not called any more once it returned.
func (s *Subscription) Unsubscribe() {
	s.conn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fn = nil
}

func (s *Subscription) loop() {
	for {
		var q Quote
		if err := s.conn.ReadJSON(&q); err != nil {
			return
		}
		s.mu.Lock()
		if s.fn != nil {
			s.fn(q)
		}
		s.mu.Unlock()
	}
}
