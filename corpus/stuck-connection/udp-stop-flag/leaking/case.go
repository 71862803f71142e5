// Package statsd counts what arrives by UDP.
package statsd

import (
	"net"
	"sync/atomic"
)

type Server struct {
	pc      net.PacketConn
	packets atomic.Int64
	stopped atomic.Bool
}

func Start(addr string) (*Server, error) {
	pc, err := net.ListenPacket("udp", addr)
	if err != nil {
		return nil, err
	}
	s := &Server{pc: pc}
	go s.read()
	return s, nil
}

func (s *Server) Addr() string   { return s.pc.LocalAddr().String() }
func (s *Server) Packets() int64 { return s.packets.Load() }

// Stop ends the server.
func (s *Server) Stop() { s.stopped.Store(true) }

func (s *Server) read() {
	buf := make([]byte, 1500)
	for !s.stopped.Load() {
		_, _, err := s.pc.ReadFrom(buf)
		if err != nil {
			return
		}
		s.packets.Add(1)
	}
}
