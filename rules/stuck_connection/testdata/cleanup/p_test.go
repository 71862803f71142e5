package p

import (
	"net"
	"testing"
)

func pair(t *testing.T, l net.Listener) (client, server net.Conn) {
	t.Cleanup(func() {
		if client != nil {
			client.Close()
		}
		if server != nil {
			server.Close()
		}
	})
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return client, server
}

func TestPair(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	client, server := pair(t, l)
	client.Write([]byte("x"))
	server.Write([]byte("x"))
}
