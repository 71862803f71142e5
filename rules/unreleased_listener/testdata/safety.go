// Addresses are of no use once nobody listens there.
package p

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
)

func once(addr string, serve func(net.Conn) error) error {
	l, err := net.Listen("tcp", addr) // want "listener l" fix safe
	if err != nil {
		return err
	}
	conn, err := l.Accept()
	if err != nil {
		return err
	}
	return serve(conn)
}

func free() (string, error) {
	l, err := net.Listen("tcp", ":0") // want "listener l" fix unsafe
	if err != nil {
		return "", err
	}
	return l.Addr().String(), nil
}

func site(h http.Handler) string {
	srv := httptest.NewServer(h) // want "srv" fix unsafe
	return srv.URL
}

func untilInterrupt(work func()) {
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, os.Interrupt) // want note "ch stays registered" fix unsafe
	<-ch
	work()
}
