// What main dials once lives as long as the process.
package main

import "net"

func main() {
	conn, err := net.Dial("udp", "127.0.0.1:1")
	if err != nil {
		return
	}
	go receive(conn)
	select {}
}

func receive(conn net.Conn) {
	b := make([]byte, 10)
	for {
		if _, err := conn.Read(b); err != nil {
			return
		}
	}
}
