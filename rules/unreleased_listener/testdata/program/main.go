// When main returns, the process ends, and the server with it.
package main

import (
	"context"
	"net/http"
	"os"
	"os/signal"
)

func main() {
	sig := make(chan os.Signal, 1)
	signal.Notify(sig, os.Interrupt)
	for {
		s := &http.Server{}
		go s.ListenAndServe()
		if <-sig == os.Interrupt {
			return
		}
		s.Shutdown(context.Background())
	}
}
