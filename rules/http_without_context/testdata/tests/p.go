package p

import "net/http"

func fetch(u string) { http.Get(u) } // want "http.Get has no time limit"
