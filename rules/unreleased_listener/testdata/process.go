// What main starts lives as long as the program.
package main

import (
	"net"
	"net/http"
	"os"
	"os/signal"
)

func main() {
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		panic(err)
	}
	srv := &http.Server{}
	go srv.Serve(l)
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, os.Interrupt)
	<-ch
}
