// Package preview renders previews of documents for its clients.
package preview

import "sync"

type renderer struct {
	jobs chan func()
	quit chan struct{}
}

func newRenderer(n int) *renderer {
	r := &renderer{jobs: make(chan func()), quit: make(chan struct{})}
	for i := 0; i < n; i++ {
		go r.loop()
	}
	return r
}

func (r *renderer) loop() {
	for {
		select {
		case job := <-r.jobs:
			job()
		case <-r.quit:
			return
		}
	}
}

func (r *renderer) stop() { close(r.quit) }

type Server struct {
	renderer *renderer
	mu       sync.Mutex
	cache    map[string]string
}

func NewServer() *Server {
	return &Server{renderer: newRenderer(2), cache: make(map[string]string)}
}

func (s *Server) Preview(doc string) string {
	out := make(chan string, 1)
	s.renderer.jobs <- func() { out <- "<p>" + doc + "</p>" }
	html := <-out
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cache[doc] = html
	return html
}

func (s *Server) Close() error {
	s.renderer.stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cache = nil
	return nil
}
