package p

import (
	"net/http"
	"testing"
)

func TestLive(t *testing.T) {
	http.Get("http://localhost:8080/ready") // want note "http.Get has no time limit"
	for range 3 {
		go func() { http.Get("http://localhost:8080/load") }() // want note "http.Get has no time limit"
	}
}
