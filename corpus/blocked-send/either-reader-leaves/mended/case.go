// Package meter reads values in one of two ways.
package meter

import "errors"

var errNegative = errors.New("negative")

type value struct{ n int }

type reader interface {
	read(in <-chan value) error
}

type sum struct{ total int }

func (s *sum) read(in <-chan value) error {
	for v := range in {
		if v.n < 0 {
			return errNegative
		}
		s.total += v.n
	}
	return nil
}

type count struct{ seen int }

func (c *count) read(in <-chan value) error {
	for v := range in {
		if v.n < 0 {
			return errNegative
		}
		c.seen++
	}
	return nil
}

// Run reads the values.
func Run(how string, ns []int) error {
	if how == "sum" {
		return feed(&sum{}, ns)
	}
	return feed(&count{}, ns)
}

func feed(r reader, ns []int) error {
	in := make(chan value, len(ns))
	go func() {
		defer close(in)
		for _, n := range ns {
			in <- value{n}
		}
	}()
	return r.read(in)
}
