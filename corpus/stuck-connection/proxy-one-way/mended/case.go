// Package forward forwards TCP connections to a backend.
package forward

import (
	"io"
	"log"
	"net"
)

type Proxy struct {
	backend string
}

func New(backend string) *Proxy { return &Proxy{backend: backend} }

// Handle serves one client and returns when it has gone.
func (p *Proxy) Handle(client net.Conn) error {
	defer client.Close()
	upstream, err := net.Dial("tcp", p.backend)
	if err != nil {
		return err
	}
	defer upstream.Close()

	done := make(chan int64, 2)
	go func() {
		n, _ := io.Copy(upstream, client)
		done <- n
	}()
	go func() {
		n, _ := io.Copy(client, upstream)
		done <- n
	}()
	log.Printf("forward: %d bytes", <-done)
	return nil
}
