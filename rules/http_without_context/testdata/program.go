// A program that runs straight through shows its hang at once.
package main

import "net/http"

func main() {
	http.Get("http://a") // want note "http.Get has no time limit"
	helper()
	for range 3 {
		http.Get("http://b") // want warning "http.Get has no time limit"
		inLoop()
	}
	go func() {
		http.Get("http://c") // want warning "http.Get has no time limit"
	}()
	http.HandleFunc("/", handle)
}

func helper() {
	http.Get("http://a") // want note "http.Get has no time limit"
}

func inLoop() {
	http.Get("http://a") // want warning "http.Get has no time limit"
}

func handle(w http.ResponseWriter, r *http.Request) {
	http.Get("http://a") // want warning "http.Get has no time limit"
}
