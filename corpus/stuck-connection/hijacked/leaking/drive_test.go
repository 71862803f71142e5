package tunnel

import (
	"bufio"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		srv := httptest.NewServer(Commands{"echo": func(args []string) string { return strings.Join(args, " ") }})
		c, err := net.Dial("tcp", srv.Listener.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		judge.Keep(c)
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: commands\r\n\r\necho hi\n")
		r := bufio.NewReader(c)
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				t.Error(err)
				return
			}
			if line == "hi\n" {
				return
			}
		}
	})
}
