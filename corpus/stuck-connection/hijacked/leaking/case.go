// Package tunnel upgrades a request to a raw stream of commands.
package tunnel

import (
	"bufio"
	"net"
	"net/http"
	"strings"
)

type Commands map[string]func(args []string) string

func (c Commands) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, buf, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "no stream here", http.StatusInternalServerError)
		return
	}
	_, _ = buf.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: commands\r\n\r\n")
	_ = buf.Flush()
	go c.serve(conn, buf.Reader)
}

func (c Commands) serve(conn net.Conn, r *bufio.Reader) {
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if run, ok := c[words[0]]; ok {
			_, _ = conn.Write([]byte(run(words[1:]) + "\n"))
		}
	}
}
