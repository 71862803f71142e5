package statsd

import (
	"net"
	"testing"
	"time"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		s, err := Start("127.0.0.1:0")
		if err != nil {
			t.Error(err)
			return
		}
		c, err := net.Dial("udp", s.Addr())
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		for s.Packets() == 0 {
			c.Write([]byte("hits:1|c"))
			time.Sleep(5 * time.Millisecond)
		}
		time.Sleep(20 * time.Millisecond)
		s.Stop()
	})
}
