package lineproto

import (
	"io"
	"net"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		lines := make(chan string)
		s, err := Listen("127.0.0.1:0", func(l string) { lines <- l })
		if err != nil {
			t.Error(err)
			return
		}
		defer s.Close()
		go s.Serve()
		for range 2 {
			c, err := net.Dial("tcp", s.Addr())
			if err != nil {
				t.Error(err)
				return
			}
			judge.Keep(c)
			io.WriteString(c, "cpu 0.5\n")
			<-lines
		}
	})
}
