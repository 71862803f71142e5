// What main starts once lives as long as the process.
package main

import (
	"context"
	"net"
)

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	start(ctx)
	<-ctx.Done()
}

func start(ctx context.Context) {
	go net.Dial("tcp", "127.0.0.1:1")
}
