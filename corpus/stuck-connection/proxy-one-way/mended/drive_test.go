package forward

import (
	"io"
	"log"
	"net"
	"testing"

	"goleash.test/judge"
	"goleash.test/judge/mute"
)

func TestScenario(t *testing.T) {
	log.SetOutput(io.Discard)
	judge.Goroutines(t, func() {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Error(err)
			return
		}
		defer l.Close()
		p := New(mute.TCP())
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		client, err := l.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
		c.Close()
		p.Handle(client)
	})
}
