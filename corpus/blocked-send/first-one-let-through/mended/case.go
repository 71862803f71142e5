// Package fetch asks several places and takes the first answer.
package fetch

import (
	"errors"
	"sync/atomic"
	"time"
)

var ErrLate = errors.New("fetch: too late")

// First gives what the first of the places answers.
func First(places []func() string, patience time.Duration) (string, error) {
	answer := make(chan string, 1)
	var answered atomic.Bool
	for _, place := range places {
		go func() {
			text := place()
			if answered.CompareAndSwap(false, true) {
				answer <- text
			}
		}()
	}
	select {
	case text := <-answer:
		return text, nil
	case <-time.After(patience):
		return "", ErrLate
	}
}
