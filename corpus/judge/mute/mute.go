// Package mute has servers that accept whoever calls and never answer.
package mute

import (
	"net"
	"net/http"
	"net/http/httptest"
)

// HTTP starts a server that reads each request and leaves it at that until
// the client goes. It returns the server's URL.
func HTTP() string {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		buf := make([]byte, 512)
		for {
			if _, err := r.Body.Read(buf); err != nil {
				break
			}
		}
		<-r.Context().Done()
	}))
	return srv.URL
}

// TCP starts a listener whose connections stay open and silent. It returns
// the address.
func TCP() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		var open []net.Conn
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			open = append(open, c)
		}
	}()
	return l.Addr().String()
}
