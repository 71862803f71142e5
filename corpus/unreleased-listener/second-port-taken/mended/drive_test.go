package pair

import (
	"net"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		taken, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Error(err)
			return
		}
		defer taken.Close()
		if _, err := Open("127.0.0.1:0", taken.Addr().String(), func(c net.Conn) { c.Close() }); err == nil {
			t.Error("the second address is taken")
		}
	})
}
