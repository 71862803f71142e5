// Package billing books usage with the billing service.
package billing

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

func newClient() *http.Client {
	dialer := &net.Dialer{Timeout: 2 * time.Second}
	return &http.Client{
		Transport: &http.Transport{
			DialContext:         dialer.DialContext,
			TLSHandshakeTimeout: 2 * time.Second,
		},
	}
}

type Booker struct {
	base string
	http *http.Client
}

func NewBooker(base string) *Booker {
	return &Booker{base: base, http: newClient()}
}

// Usage returns how many units the customer used.
func (b *Booker) Usage(customer string) (units int, err error) {
	resp, err := b.http.Get(b.base + "/usage/" + url.PathEscape(customer))
	if err != nil {
		return 0, fmt.Errorf("billing: %w", err)
	}
	defer resp.Body.Close()
	err = json.NewDecoder(resp.Body).Decode(&units)
	return units, err
}
