// Calls of the package's functions and of clients made in view.
package p

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

func get(u string) (*http.Response, error) {
	return http.Get(u) // want warning "http.Get has no time limit"
}

func others(u string, body io.Reader) {
	http.Head(u)                      // want "http.Head has no time limit"
	http.Post(u, "text/plain", body)  // want "http.Post has no time limit"
	http.PostForm(u, url.Values{})    // want "http.PostForm has no time limit"
	http.DefaultClient.Get(u)         // want "http.DefaultClient.Get has no time limit"
	go http.Get(u)                    // want "http.Get has no time limit"
}

func localClient(u string) {
	client := &http.Client{}
	client.Get(u) // want "client.Get has no time limit"
}

func localValue(u string) {
	var client http.Client
	client.Get(u) // want "client.Get has no time limit"
}

func localWithTimeout(u string) {
	client := &http.Client{Timeout: time.Second}
	client.Get(u)
}

func localTimeoutLater(u string) {
	var client http.Client
	client.Timeout = time.Second
	client.Get(u)
}

func zeroTimeout(u string) {
	client := http.Client{Timeout: 0}
	client.Get(u) // want "client.Get has no time limit"
}

func plainTransport(u string) {
	client := http.Client{Transport: &http.Transport{MaxIdleConns: 4, DialContext: (&net.Dialer{Timeout: time.Second}).DialContext}}
	client.Get(u) // want "client.Get has no time limit"
}

func headerTimeout(u string) {
	client := http.Client{Transport: &http.Transport{ResponseHeaderTimeout: time.Second}}
	client.Get(u)
}

func defaultTransport(u string) {
	client := http.Client{Transport: http.DefaultTransport}
	client.Get(u) // want "client.Get has no time limit"
}

func foreignTransport(u string, rt http.RoundTripper) {
	client := http.Client{Transport: rt}
	client.Get(u)
}

func parameter(c *http.Client, u string) {
	c.Get(u)
}

type getter interface {
	Get(string) (*http.Response, error)
}

func throughInterface(g getter, u string) { g.Get(u) }

func configured(u string) {
	client := &http.Client{}
	configure(client)
	client.Get(u)
}

func configure(c *http.Client) { c.Timeout = time.Minute }

func withOption(u string, option func(*http.Client)) {
	client := &http.Client{}
	option(client)
	client.Get(u)
}

func requests(u string) {
	req, _ := http.NewRequest("GET", u, nil)
	http.DefaultClient.Do(req) // want "http.DefaultClient.Do has no time limit: neither its request nor its client has one"
}

func withContext(ctx context.Context, u string) {
	req, _ := http.NewRequestWithContext(ctx, "GET", u, nil)
	http.DefaultClient.Do(req)
}

func contextLater(ctx context.Context, u string) {
	req, _ := http.NewRequest("GET", u, nil)
	req = req.WithContext(ctx)
	http.DefaultClient.Do(req)
}

func contextAtCall(ctx context.Context, u string) {
	req, _ := http.NewRequest("GET", u, nil)
	http.DefaultClient.Do(req.WithContext(ctx))
}

func background(u string) {
	req, _ := http.NewRequestWithContext(context.Background(), "GET", u, nil)
	http.DefaultClient.Do(req) // want "its context never ends, and its client has no Timeout"
}

func backgroundWithTimeout(u string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, "GET", u, nil)
	http.DefaultClient.Do(req)
}

func backgroundButClient(u string) {
	client := &http.Client{Timeout: time.Second}
	req, _ := http.NewRequestWithContext(context.Background(), "GET", u, nil)
	client.Do(req)
}

func withoutCancel(w http.ResponseWriter, r *http.Request) {
	req, _ := http.NewRequestWithContext(context.WithoutCancel(r.Context()), "GET", "http://other", nil)
	http.DefaultClient.Do(req) // want "its context never ends"
}

func forward(w http.ResponseWriter, r *http.Request) {
	http.DefaultClient.Do(r)
}

func literalRequest(u *url.URL) {
	http.DefaultClient.Do(&http.Request{Method: "GET", URL: u}) // want "neither its request nor its client has one"
}

func do(req *http.Request) (*http.Response, error) {
	return http.DefaultClient.Do(req) // want "neither its request nor its client has one"
}

func callsDo(u string) {
	req, _ := http.NewRequest("GET", u, nil)
	do(req)
}

func doBounded(req *http.Request) (*http.Response, error) {
	return http.DefaultClient.Do(req)
}

func callsDoBounded(ctx context.Context, u string) {
	req, _ := http.NewRequestWithContext(ctx, "GET", u, nil)
	doBounded(req)
}

// Of another kind: headers have a Get too.
func header(h http.Header, m url.Values) string { return h.Get("A") + m.Get("b") }
