package p

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestFetch(t *testing.T) {
	srv := httptest.NewServer(nil)
	defer srv.Close()
	http.Get(srv.URL)
	srv.Client().Get(srv.URL)
}
