// Package replog receives a replication log in length-prefixed frames.
package replog

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"time"
)

const maxFrame = 1 << 20

var errFrame = errors.New("replog: frame too large")

// Accept takes one follower and applies what it sends.
func Accept(l net.Listener, apply func([]byte)) error {
	conn, err := l.Accept()
	if err != nil {
		return err
	}
	go session(conn, apply)
	return nil
}

func session(conn net.Conn, apply func([]byte)) {
	defer conn.Close()
	for {
		if err := conn.SetDeadline(time.Now().Add(60 * time.Millisecond)); err != nil {
			return
		}
		frame, err := readFrame(conn)
		if err != nil {
			return
		}
		apply(frame)
	}
}

func readFrame(r io.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > maxFrame {
		return nil, errFrame
	}
	frame := make([]byte, n)
	_, err := io.ReadFull(r, frame)
	return frame, err
}
