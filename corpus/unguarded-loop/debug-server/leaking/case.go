// Package debugsrv serves the profiles of this process.
package debugsrv

import (
	"log"
	"net"
	"net/http"
	"net/http/pprof"
	"time"
)

// Attach serves the profiles for one tenant on a port of its own.
func Attach(tenant string) (addr string, err error) {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/"+tenant+"/", pprof.Index)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go func() {
		for {
			log.Println("debug server:", http.Serve(l, mux))
			time.Sleep(time.Second)
		}
	}()
	return l.Addr().String(), nil
}
