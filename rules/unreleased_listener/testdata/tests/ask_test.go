package tests

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

func TestAsk(t *testing.T) {
	for _, question := range []string{"now?", "later?"} {
		ask(question)
	}
}

func TestServed(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler()) // want note "nothing closes test server srv"
	if _, err := http.Get(srv.URL); err != nil {
		t.Error(err)
	}
}

func serve() (*httptest.Server, error) {
	srv := httptest.NewServer(http.NotFoundHandler()) // want warning "test server srv is not closed on every way out of serve"
	if _, err := url.Parse(srv.URL); err != nil {
		return nil, err
	}
	return srv, nil
}

func TestClosed(t *testing.T) {
	srv, err := serve()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
}
