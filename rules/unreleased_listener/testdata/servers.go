// Servers that goroutines run, and the types that own them.
package servers

import (
	"context"
	"net/http"
	"sync"
)

// Close ends the workers and forgets the server.
type Node struct {
	cancel context.CancelFunc
	admin  *http.Server
}

func NewNode(ctx context.Context, addr string) *Node {
	ctx, cancel := context.WithCancel(ctx)
	n := &Node{cancel: cancel, admin: &http.Server{Addr: addr}}
	go n.work(ctx)
	go n.admin.ListenAndServe() // want warning "serves on after the Node has ended"
	return n
}

func (n *Node) work(ctx context.Context) {
	<-ctx.Done()
}

func (n *Node) Close() {
	n.cancel()
}

// Close ends both.
type Peer struct {
	cancel context.CancelFunc
	admin  *http.Server
}

func NewPeer(ctx context.Context, addr string) *Peer {
	ctx, cancel := context.WithCancel(ctx)
	p := &Peer{cancel: cancel, admin: &http.Server{Addr: addr}}
	go p.work(ctx)
	go p.admin.ListenAndServe()
	return p
}

func (p *Peer) work(ctx context.Context) {
	<-ctx.Done()
}

func (p *Peer) Close() {
	p.cancel()
	p.admin.Close()
}

// The server is a variable of Start: no method can reach it.
type Agent struct {
	quit chan struct{}
}

func (a *Agent) Start(addr string) {
	a.quit = make(chan struct{})
	srv := &http.Server{Addr: addr}
	go func() {
		srv.ListenAndServe() // want warning "server srv serves on after the Agent has ended"
	}()
}

func (a *Agent) Halt() {
	close(a.quit)
}

// Nothing ends it at all: it is meant to live.
type Daemon struct {
	srv *http.Server
	mu  sync.Mutex
	n   int
}

func (d *Daemon) Start() {
	go d.srv.ListenAndServe()
}

func (d *Daemon) Reset() {
	d.mu.Lock()
	d.n = 0
	d.mu.Unlock()
}

// A helper shuts it down.
type Relay struct {
	quit chan struct{}
	srv  *http.Server
}

func (r *Relay) Start() {
	go r.srv.ListenAndServe()
}

func (r *Relay) Stop(ctx context.Context) error {
	close(r.quit)
	return halt(ctx, r.srv)
}

func halt(ctx context.Context, srv *http.Server) error {
	return srv.Shutdown(ctx)
}

func Run(ctx context.Context, addr string, ready func() error) error {
	srv := &http.Server{Addr: addr}
	go func() {
		srv.ListenAndServe() // want error "server srv is not shut down on every way out of Run"
	}()
	if err := ready(); err != nil {
		return err
	}
	<-ctx.Done()
	return srv.Shutdown(context.Background())
}

func RunToTheEnd(ctx context.Context, addr string, ready func() error) error {
	srv := &http.Server{Addr: addr}
	defer srv.Close()
	go srv.ListenAndServe()
	if err := ready(); err != nil {
		return err
	}
	<-ctx.Done()
	return srv.Shutdown(context.Background())
}

func RunWithContext(ctx context.Context, addr string) error {
	srv := &http.Server{Addr: addr}
	go func() {
		<-ctx.Done()
		srv.Close()
	}()
	return srv.ListenAndServe()
}

func Handed(addr string, keep func(*http.Server)) {
	srv := &http.Server{Addr: addr}
	keep(srv)
	go srv.ListenAndServe()
}

func Started(addr string) *http.Server {
	srv := &http.Server{Addr: addr}
	go srv.ListenAndServe()
	return srv
}
