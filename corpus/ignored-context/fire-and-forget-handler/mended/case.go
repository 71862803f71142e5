// Package profile answers with a profile and warms the cache meanwhile.
package profile

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
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
	ctx := context.WithoutCancel(r.Context())
	go func() {
		ctx, cancel := context.WithTimeout(ctx, 60*time.Millisecond)
		defer cancel()
		line := h.lookup(ctx, user)
		h.mu.Lock()
		h.cache[user] = line
		h.mu.Unlock()
	}()
	w.WriteHeader(http.StatusAccepted)
}

func (h *Handler) lookup(ctx context.Context, user string) string {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", h.directory)
	if err != nil {
		return ""
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	fmt.Fprintf(conn, "GET %s\n", user)
	line, _ := bufio.NewReader(conn).ReadString('\n')
	return line
}
