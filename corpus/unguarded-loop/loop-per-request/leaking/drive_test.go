package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		srv := httptest.NewServer(http.HandlerFunc(status))
		defer srv.Close()
		for range 3 {
			resp, err := http.Get(srv.URL)
			if err != nil {
				t.Error(err)
				return
			}
			resp.Body.Close()
		}
	})
}
