// Package node runs a worker and an address for its administrator.
package node

import (
	"context"
	"net"
	"net/http"
	"time"
)

// Node works until it is closed.
type Node struct {
	cancel context.CancelFunc
	done   chan struct{}
	admin  *http.Server
}

// New starts a node.
func New(addr string) (*Node, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	n := &Node{cancel: cancel, done: make(chan struct{}), admin: &http.Server{Handler: http.NotFoundHandler()}}
	go n.work(ctx)
	go n.admin.Serve(l)
	return n, nil
}

func (n *Node) work(ctx context.Context) {
	defer close(n.done)
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// Close ends the node.
func (n *Node) Close() {
	n.admin.Close()
	n.cancel()
	<-n.done
}
