// Package profile answers with a profile and warms the cache meanwhile.
package profile

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"sync"
)

type Handler struct {
	directory string // address of the directory service

	mu    sync.Mutex
	cache map[string]string
}

func NewHandler(directory string) *Handler {
	return &Handler{directory: directory, cache: make(map[string]string)}
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user := r.FormValue("user")
	go func() {
		line := h.lookup(user)
		h.mu.Lock()
		h.cache[user] = line
		h.mu.Unlock()
	}()
	w.WriteHeader(http.StatusAccepted)
}

func (h *Handler) lookup(user string) string {
	conn, err := net.Dial("tcp", h.directory)
	if err != nil {
		return ""
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET %s\n", user)
	line, _ := bufio.NewReader(conn).ReadString('\n')
	return line
}
