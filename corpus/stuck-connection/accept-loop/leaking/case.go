// Package lineproto receives metrics, one a line, over TCP.
package lineproto

import (
	"bufio"
	"net"
)

type Server struct {
	l    net.Listener
	line func(string)
}

func Listen(addr string, line func(string)) (*Server, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &Server{l: l, line: line}, nil
}

func (s *Server) Addr() string { return s.l.Addr().String() }

// Serve accepts clients until Close.
func (s *Server) Serve() error {
	for {
		conn, err := s.l.Accept()
		if err != nil {
			return err
		}
		go s.handle(conn)
	}
}

func (s *Server) Close() error { return s.l.Close() }

func (s *Server) handle(conn net.Conn) {
	sc := bufio.NewScanner(conn)
	for sc.Scan() {
		s.line(sc.Text())
	}
}
