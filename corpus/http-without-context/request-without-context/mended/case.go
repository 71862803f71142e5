// Package gateway passes requests on to the order service.
package gateway

import (
	"io"
	"net/http"
)

type Orders struct {
	Base   string
	Client *http.Client
}

func (o *Orders) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, o.Base+r.URL.Path, nil)
	if err != nil {
		http.Error(w, "bad path", http.StatusBadRequest)
		return
	}
	req.Header.Set("X-Request-Id", r.Header.Get("X-Request-Id"))

	resp, err := o.Client.Do(req)
	if err != nil {
		http.Error(w, "order service is away", http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	w.WriteHeader(resp.StatusCode)
	_, _ = io.Copy(w, resp.Body)
}

func Handler(base string) http.Handler {
	return &Orders{Base: base, Client: &http.Client{}}
}
