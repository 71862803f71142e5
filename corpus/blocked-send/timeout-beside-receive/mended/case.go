// Package geo finds the place that belongs to an address.
package geo

import (
	"errors"
	"time"
)

type Place struct{ Lat, Lon float64 }

type Resolver interface {
	Resolve(address string) (Place, error)
}

var ErrSlow = errors.New("geo: no answer in time")

type answer struct {
	place Place
	err   error
}

// Locate waits no longer than limit.
func Locate(r Resolver, address string, limit time.Duration) (Place, error) {
	result := make(chan answer, 1)
	go func() {
		p, err := r.Resolve(address)
		result <- answer{p, err}
	}()

	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case a := <-result:
		return a.place, a.err
	case <-timer.C:
		return Place{}, ErrSlow
	}
}
