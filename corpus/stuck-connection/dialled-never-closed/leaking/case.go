// Package bus is a client of a small message bus.
package bus

import (
	"bufio"
	"fmt"
	"net"
	"strings"
)

type Client struct {
	conn    net.Conn
	handler func(topic, body string)
}

func Connect(addr string, handler func(topic, body string)) (*Client, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("bus: %w", err)
	}
	c := &Client{conn: conn, handler: handler}
	go c.receive()
	return c, nil
}

func (c *Client) Publish(topic, body string) error {
	_, err := fmt.Fprintf(c.conn, "PUB %s %s\n", topic, body)
	return err
}

func (c *Client) receive() {
	r := bufio.NewReader(c.conn)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		topic, body, _ := strings.Cut(strings.TrimSpace(line), " ")
		c.handler(topic, body)
	}
}
