// go 1.24

// What main or init starts once is meant to live as long as the process.
package main

import (
	"net/http"
	"runtime"
	"sync"
	"time"
)

func init() {
	go func() {
		for {
			time.Sleep(time.Minute) // want note "as long as the process runs"
			runtime.GC()
		}
	}()
}

var once sync.Once

func monitor() {
	for range time.Tick(time.Minute) { // want note "as long as the process runs"
		println(runtime.NumGoroutine())
	}
}

func setup() {
	go monitor()
	once.Do(func() {
		go func() {
			for {
				time.Sleep(time.Second) // want note "as long as the process runs"
			}
		}()
	})
}

func handle(w http.ResponseWriter, r *http.Request) {
	go func() {
		for {
			time.Sleep(time.Second) // want warning "loops for ever"
		}
	}()
}

func main() {
	setup()
	for i := 0; i < 3; i++ {
		go func() {
			for {
				time.Sleep(time.Second) // want warning "loops for ever"
			}
		}()
	}
	http.HandleFunc("/", handle)
	go func() {
		println(http.ListenAndServe("localhost:6060", nil))
	}()
	select {}
}
