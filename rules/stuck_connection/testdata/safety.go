// What is made of a connection and lives on.
package p

import (
	"bufio"
	"errors"
	"net"
	"net/textproto"
)

var errHello = errors.New("no hello")

func asks(addr string) (string, error) {
	conn, err := net.Dial("tcp", addr) // want warning "conn" fix safe
	if err != nil {
		return "", err
	}
	if _, err := conn.Write([]byte("hello\n")); err != nil {
		return "", err
	}
	defer conn.Close()
	return bufio.NewReader(conn).ReadString('\n')
}

func speaks(addr, hello string) (*textproto.Conn, error) {
	conn, err := net.Dial("tcp", addr) // want warning "conn" fix unsafe
	if err != nil {
		return nil, err
	}
	if hello == "" {
		return nil, errHello
	}
	return textproto.NewConn(conn), nil
}
