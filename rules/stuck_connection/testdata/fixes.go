package p

import "net"

func send(addr string) error {
	conn, err := net.Dial("tcp", addr) // want "nothing closes connection conn"
	if err != nil {
		return err
	}
	_, err = conn.Write([]byte("x"))
	return err
}
