// Package reports runs long queries for the reporting page.
package reports

import (
	"context"
	"time"
)

type Runner interface {
	Run(ctx context.Context, query string) ([]string, error)
}

type Queries struct {
	runner Runner
	limit  time.Duration
}

func New(r Runner, limit time.Duration) *Queries {
	return &Queries{runner: r, limit: limit}
}

type Result struct {
	Rows []string
	Err  error
}

// Rows runs the query for no longer than the limit.
func (q *Queries) Rows(ctx context.Context, query string) ([]string, error) {
	limited, cancel := context.WithTimeout(ctx, q.limit)
	defer cancel()

	result := make(chan Result, 1)
	go q.run(context.Background(), query, result)
	select {
	case r := <-result:
		return r.Rows, r.Err
	case <-limited.Done():
		return nil, limited.Err()
	}
}

func (q *Queries) run(ctx context.Context, query string, out chan<- Result) {
	rows, err := q.runner.Run(ctx, query)
	out <- Result{rows, err}
}
