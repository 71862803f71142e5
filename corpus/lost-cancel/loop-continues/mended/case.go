// Package mirror fetches a document from the first mirror that has it.
package mirror

import (
	"context"
	"errors"
	"sync/atomic"
)

var ErrNowhere = errors.New("mirror: no mirror has it")

// Running counts the attempts that are not over.
var Running atomic.Int64

// Get asks one mirror after the other.
func Get(ctx context.Context, mirrors []func(context.Context) (string, error)) (string, error) {
	for _, ask := range mirrors {
		attempt, cancel := context.WithCancel(ctx)
		Running.Add(1)
		go func() {
			<-attempt.Done()
			Running.Add(-1)
		}()
		doc, err := ask(attempt)
		cancel()
		if err != nil {
			continue
		}
		return doc, nil
	}
	return "", ErrNowhere
}
