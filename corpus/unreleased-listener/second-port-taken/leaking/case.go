// Package pair listens on two addresses.
package pair

import "net"

// Pair accepts connections on both.
type Pair struct {
	first, second net.Listener
}

// Open listens on the two addresses.
func Open(a, b string, handle func(net.Conn)) (*Pair, error) {
	first, err := net.Listen("tcp", a)
	if err != nil {
		return nil, err
	}
	go accept(first, handle)
	second, err := net.Listen("tcp", b)
	if err != nil {
		return nil, err
	}
	go accept(second, handle)
	return &Pair{first, second}, nil
}

func accept(l net.Listener, handle func(net.Conn)) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		handle(c)
	}
}

// Close stops both.
func (p *Pair) Close() {
	p.first.Close()
	p.second.Close()
}
