package replog

import (
	"net"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Error(err)
			return
		}
		defer l.Close()
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		judge.Keep(c)
		applied := make(chan []byte)
		if err := Accept(l, func(b []byte) { applied <- b }); err != nil {
			t.Error(err)
			return
		}
		c.Write([]byte{0, 0, 0, 1, 'x', 0, 0})
		<-applied
	})
}
