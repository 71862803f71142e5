// Ways out of the function that has the connection.
package p

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/textproto"
	"sync"
	"time"
)

func probe(addr string) bool {
	conn, err := net.Dial("tcp", addr) // want warning "nothing closes connection conn"
	if err != nil {
		return false
	}
	_, err = conn.Write([]byte("ping"))
	return err == nil
}

func probeDropped(addr string) error {
	_, err := net.Dial("tcp", addr) // want "nothing closes the connection of net.Dial"
	return err
}

func closed(addr string) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	return greet(conn)
}

func closedInverted(addr string) error {
	conn, err := net.Dial("tcp", addr)
	if err == nil {
		defer conn.Close()
		return greet(conn)
	} else {
		return err
	}
}

func closedOnOneWay(addr string) (net.Conn, error) {
	conn, err := net.Dial("tcp", addr) // want "connection conn is not closed on every way out of closedOnOneWay"
	if err != nil {
		return nil, err
	}
	if err := greet(conn); err != nil {
		return nil, err
	}
	return conn, nil
}

func greet(conn net.Conn) error {
	_, err := io.WriteString(conn, "hello")
	return err
}

// Nothing is held if the first result of the library is an error, which this looks at later.
func errorLookedAtLater(addr string, quick bool) (net.Conn, error) {
	conn, err := net.Dial("tcp", addr)
	if quick {
		return nil, errors.New("too quick")
	}
	if err != nil {
		return nil, err
	}
	return conn, nil
}

func comparedError(addr string) error {
	conn, err := net.Dial("tcp", addr)
	if errors.Is(err, io.EOF) || err == context.Canceled {
		return nil
	}
	if err != nil {
		return err
	}
	return conn.Close()
}

func deferredOnError(addr string) (c net.Conn, err error) {
	c, err = net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			c.Close()
		}
	}()
	err = greet(c)
	return c, err
}

// A container may keep it, and so may any function of which nothing more is known.
var open sync.Map

func kept(addr string) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	open.Store(addr, conn)
	return nil
}

func inContext(ctx context.Context, addr string) (context.Context, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return context.WithValue(ctx, "conn", conn), nil
}

// Two fields hold it; the one that can close it does.
type codec struct {
	dec *json.Decoder
	c   io.Closer
}

func newCodec(conn io.ReadWriteCloser) *codec { return &codec{dec: json.NewDecoder(conn), c: conn} }

func (c *codec) Close() error { return c.c.Close() }

func dialCodec(addr string) (*codec, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return newCodec(conn), nil
}

func helper(addr string) (net.Conn, error) {
	return net.Dial("tcp", addr) // want "the connection of net.Dial is not closed on every way out of usesHelper"
}

func usesHelper(addr string, ok bool) (net.Conn, error) {
	conn, err := helper(addr)
	if err != nil {
		return nil, err
	}
	if conn.RemoteAddr() == nil {
		return nil, errors.New("no address")
	}
	return conn, nil
}

func withTimeout(addr string) {
	conn, _ := net.DialTimeout("tcp", addr, time.Second) // want "nothing closes connection conn"
	greet(conn)
}

// The wrapper reads; what it stands around is closed.
func wrapped(l net.Listener) error {
	conn, err := l.Accept()
	if err != nil {
		return err
	}
	defer conn.Close()
	tc := textproto.NewConn(conn)
	_, err = tc.ReadLine()
	return err
}

func wrapperCloses(l net.Listener) error {
	conn, err := l.Accept()
	if err != nil {
		return err
	}
	tc := textproto.NewConn(conn)
	defer tc.Close()
	_, err = tc.ReadLine()
	return err
}

// One way out before the reads forgets to close it.
func beforeTheReads(client net.Conn, addr string) error {
	target, err := net.Dial("tcp", addr) // want "connection target is not closed on every way out of beforeTheReads"
	if err != nil {
		return err
	}
	if err := greet(client); err != nil {
		return err
	}
	go func() {
		io.Copy(client, target)
		target.Close()
	}()
	return nil
}

// The variable holds the connection still after it went through a function that takes something off it.
type timed struct {
	net.Conn
}

func bare(c net.Conn) net.Conn {
	if t, ok := c.(*timed); ok {
		return t.Conn
	}
	return c
}

func servesBare(addr string) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	go readBare(conn)
	return nil
}

func readBare(conn net.Conn) {
	conn = bare(conn)
	defer conn.Close()
	buf := make([]byte, 64)
	for {
		if _, err := conn.Read(buf); err != nil {
			return
		}
	}
}
