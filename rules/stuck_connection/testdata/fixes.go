package p

import (
	"errors"
	"net"
)

func send(addr string) error {
	conn, err := net.Dial("tcp", addr) // want "nothing closes connection conn"
	if err != nil {
		return err
	}
	_, err = conn.Write([]byte("x"))
	return err
}

func greet(addr string, b []byte) error {
	conn, err := net.Dial("tcp", addr) // want "not closed on every way out"
	if err != nil {
		return err
	} else if conn.LocalAddr() == nil {
		return errors.New("not bound")
	}
	conn.Write(b)
	return conn.Close()
}
