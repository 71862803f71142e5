// Package status shows which backends answer.
package status

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"sync"
)

type Page struct {
	backends []string

	mu sync.Mutex
	up map[string]bool
}

func New(backends ...string) *Page {
	return &Page{backends: backends, up: make(map[string]bool)}
}

func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.refresh(r.Context())
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = json.NewEncoder(w).Encode(p.up)
}

func (p *Page) refresh(ctx context.Context) {
	for _, b := range p.backends {
		if ctx.Err() != nil {
			return
		}
		go func() {
			up := hello(b)
			p.mu.Lock()
			p.up[b] = up
			p.mu.Unlock()
		}()
	}
}

func hello(backend string) bool {
	conn, err := net.Dial("tcp", backend)
	if err != nil {
		return false
	}
	defer conn.Close()
	var b [1]byte
	_, err = conn.Read(b[:])
	return err == nil && b[0] == '+'
}
