// Statusd tells how busy this machine is.
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"sync/atomic"
	"time"
)

var goroutines atomic.Int64

func sample() {
	for {
		goroutines.Store(int64(runtime.NumGoroutine()))
		time.Sleep(10 * time.Millisecond)
	}
}

func status(w http.ResponseWriter, r *http.Request) {
	go sample()
	fmt.Fprintf(w, "goroutines %d\n", goroutines.Load())
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", status)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	srv := &http.Server{Handler: mux}
	go srv.Serve(l)
	time.Sleep(50 * time.Millisecond)
	srv.Shutdown(context.Background())
}
