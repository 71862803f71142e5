// Reportd builds the nightly report; its profiles are served meanwhile.
package main

import (
	"log"
	"net/http"
	_ "net/http/pprof"
	"time"
)

func main() {
	go func() {
		for {
			log.Println("debug server:", http.ListenAndServe("127.0.0.1:0", nil))
			time.Sleep(time.Second)
		}
	}()

	for day := range 3 {
		build(day)
	}
}

func build(day int) {
	time.Sleep(10 * time.Millisecond)
	log.Println("report built for day", day)
}
