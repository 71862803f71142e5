// Reads in goroutines and handlers.
package p

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"
)

var upgrader gorilla.Upgrader

func reader(w http.ResponseWriter, r *http.Request) {
	conn, _ := upgrader.Upgrade(w, r, nil)
	go func() {
		for {
			_, _, err := conn.ReadMessage() // want warning "conn.ReadMessage can wait for ever: it has no deadline, and nothing closes connection conn"
			if err != nil {
				break
			}
		}
	}()
}

func readerCloses(w http.ResponseWriter, r *http.Request) {
	conn, _ := upgrader.Upgrade(w, r, nil)
	go func() {
		defer conn.Close()
		for {
			if _, _, err := conn.ReadMessage(); err != nil {
				break
			}
		}
	}()
}

func readerWithDeadline(w http.ResponseWriter, r *http.Request) {
	conn, _ := upgrader.Upgrade(w, r, nil)
	go func() {
		for {
			conn.SetReadDeadline(time.Now().Add(time.Minute))
			if _, _, err := conn.ReadMessage(); err != nil {
				break
			}
		}
	}()
}

func pongs(w http.ResponseWriter, r *http.Request) {
	conn, _ := upgrader.Upgrade(w, r, nil)
	conn.SetReadLimit(512)
	conn.SetReadDeadline(time.Now().Add(time.Minute))
	conn.SetPongHandler(func(string) error { return conn.SetReadDeadline(time.Now().Add(time.Minute)) })
	go readAll(conn)
}

func readAll(conn *gorilla.Conn) {
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			return
		}
	}
}

func handlerReads(w http.ResponseWriter, r *http.Request) {
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			return
		}
	}
}

func handlerForgets(w http.ResponseWriter, r *http.Request) {
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	for {
		if _, _, err := conn.ReadMessage(); err != nil { // want "conn.ReadMessage can wait for ever"
			return
		}
	}
}

func accept(l net.Listener) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go serve(c)
	}
}

func serve(c net.Conn) {
	sc := bufio.NewScanner(c)
	for sc.Scan() { // want "sc.Scan can wait for ever: it has no deadline, and nothing closes connection c"
		println(sc.Text())
	}
}

func acceptAndClose(l net.Listener) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go serveAndClose(c)
	}
}

func serveAndClose(c net.Conn) {
	defer c.Close()
	io.Copy(io.Discard, c)
}

func coder(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	go func() {
		for {
			_, _, err := conn.Read(context.Background()) // want "conn.Read can wait for ever: it has a context that never ends, and nothing closes connection conn"
			if err != nil {
				return
			}
		}
	}()
}

func coderWithContext(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	ctx := r.Context()
	go func() {
		for {
			if _, _, err := conn.Read(ctx); err != nil {
				return
			}
		}
	}()
}

type client struct {
	conn net.Conn
}

func dial(addr string) (*client, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	c := &client{conn: conn}
	go c.loop()
	return c, nil
}

func (c *client) loop() {
	b := make([]byte, 10)
	for {
		if _, err := c.conn.Read(b); err != nil { // want "c.conn.Read can wait for ever: it has no deadline, and nothing in the package closes client.conn"
			return
		}
	}
}

type closing struct {
	conn net.Conn
}

func dialClosing(addr string) (*closing, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	c := &closing{conn}
	go c.loop()
	return c, nil
}

func (c *closing) loop() {
	b := make([]byte, 10)
	for {
		if _, err := c.conn.Read(b); err != nil {
			return
		}
	}
}

func (c *closing) Close() error { return c.conn.Close() }

type hub struct {
	conns map[*gorilla.Conn]bool
}

func (h *hub) add(w http.ResponseWriter, r *http.Request) {
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	h.conns[conn] = true
	go readAll(conn)
}
