// Servers for tests, outside of tests.
package made

import (
	"net/http"
	"net/http/httptest"
)

func ping(h http.Handler) error {
	srv := httptest.NewServer(h) // want warning "nothing closes test server srv"
	_, err := srv.Client().Get(srv.URL)
	return err
}

func pingClosed(h http.Handler) error {
	srv := httptest.NewServer(h)
	defer srv.Close()
	_, err := srv.Client().Get(srv.URL)
	return err
}
